import type { History } from "./history.ts";

/** Counts what happened in a run. */
export function summary({
  calls,
  webhooks,
  messages,
  signIns,
  events,
  finals,
  journal,
  kills,
  evictions,
}: History): string {
  const count = <T>(list: readonly T[], matches: (item: T) => boolean) => list.filter(matches).length;
  const ended = Map.groupBy(finals.values(), ({ status }) => status);
  const endings = [...ended].map(([status, all]) => `${all.length} ${status}`).join(", ");
  const forged = count(webhooks, (webhook) => webhook.kind === "forged");
  const foreign = count(webhooks, ({ kind: of }) => of === "foreign" || of === "stray");
  const locked = count(calls, ({ problem }) => problem?.code === "number_locked");
  const kind = (name: string) => count(calls, (call) => call.kind === name);
  const redemptions = signIns.flatMap((signIn) => signIn.redemptions);
  return [
    `${finals.size} verifications: ${endings}; ${journal.length} rows in the journal, ${events.size} events received.`,
    `${calls.length} calls, of which ${count(calls, ({ status }) => status === null)} got no response and ` +
      `${count(calls, ({ status }) => (status ?? 0) >= 500)} a 5xx; ${kind("no_key") + kind("unknown_key")} without a valid key, ` +
      `${kind("wrong_scope")} without the scope, ${kind("other_app")} of another app, ${kind("other_session")} of another session, ${kind("invalid")} with bad input, ${locked} refused because the number was locked.`,
    `${webhooks.length} webhooks, ${forged} of them forged and ${foreign} of others or of another time; ${messages.length} sends (${count(messages, ({ channel }) => channel === "sms")} by SMS), of which ` +
      `${count(messages, ({ outcome }) => outcome === "refused")} were refused and ` +
      `${count(messages, ({ outcome }) => outcome === "lost")} lost.`,
    `${signIns.length} sign-ins, ${count(signIns, ({ approvedAt }) => approvedAt !== null)} of them approved; ` +
      `${redemptions.length} redemptions, ${count(redemptions, ({ kind: by }) => by !== "valid")} of them of others, and ` +
      `${count(redemptions, ({ status }) => status === 200)} answered with tokens.`,
    `${kills.length} kills, ${evictions.length} evictions of all objects.`,
  ].join("\n");
}
