/** The time that the Worker sees. It goes as far as the timeline says, and does not wait for anybody. */
let now = Date.UTC(2026, 11, 1, 0, 5);

export const EPOCH_MS = now;

Date.now = () => now;

/** Never backwards. */
export function advanceTo(time: number): void {
  now = Math.max(now, time);
}
