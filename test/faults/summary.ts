import type { History } from "./history.ts";

/** What the run was made of, for a reader to see that it was no easy one. */
export function summary({ calls, news, sent, told, finals, journal, kills, evictions }: History): string {
  const count = <T>(list: readonly T[], has: (one: T) => boolean) => list.filter(has).length;
  const ended = Map.groupBy(finals.values(), ({ status }) => status);
  const endings = [...ended].map(([status, all]) => `${all.length} ${status}`).join(", ");
  const forged = count(news, (one) => one.forged);
  const locked = count(calls, ({ problem }) => problem?.code === "number_locked");
  const manner = (name: string) => count(calls, (call) => call.manner === name);
  return [
    `${finals.size} verifications: ${endings}; ${journal.length} rows in the journal, ${told.size} events told.`,
    `${calls.length} calls, of which ${count(calls, ({ status }) => status === null)} got no answer and ` +
      `${count(calls, ({ status }) => (status ?? 0) >= 500)} a 5xx; ${manner("stranger") + manner("unknown")} without a key, ` +
      `${manner("unscoped")} with another's, ${manner("mistaken")} with bad input, ${locked} refused because the number was locked.`,
    `${news.length} webhooks, ${forged} of them forged; ${sent.length} sends (${count(sent, ({ channel }) => channel === "sms")} by SMS), of which ` +
      `${count(sent, ({ outcome }) => outcome === "refused")} were refused and ` +
      `${count(sent, ({ outcome }) => outcome === "lost")} lost.`,
    `${kills.length} kills, ${evictions.length} evictions of all objects.`,
  ].join("\n");
}
