const DAY_MS = 86_400_000;

/** The day that was spelled last: nearly all times of an answer are on it. */
let today = { day: Number.NaN, text: "" };

/**
 * Spells a time as ISO 8601 in UTC with milliseconds, as `Date.prototype.toISOString` does, which prints each number
 * of it by a format: the half dozen times of one answer took longer than everything else in it.
 *
 * @param time Whole milliseconds since the epoch.
 */
export function isoTime(time: number): string {
  const day = Math.floor(time / DAY_MS);
  if (day !== today.day)
    today = { day, text: new Date(day * DAY_MS).toISOString().slice(0, -"00:00:00.000Z".length) };
  const ms = time - day * DAY_MS;
  const clock = `${two(ms / 3_600_000)}:${two((ms / 60_000) % 60)}:${two((ms / 1000) % 60)}`;
  return `${today.text}${clock}.${three(ms % 1000)}Z`;
}

/** The whole part, in two digits. */
function two(value: number): string {
  return value < 10 ? `0${Math.floor(value)}` : `${Math.floor(value)}`;
}

function three(value: number): string {
  return value < 100 ? `0${two(value)}` : `${value}`;
}
