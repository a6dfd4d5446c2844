import { MINUTE_MS } from "../../platform/time.ts";
import type { Findings } from "../findings.ts";
import type { Check, Result } from "./check.ts";
import { failed, listed, ok, warning } from "./results.ts";

/** The newest file of src/journal/migrations, which the Worker cannot list. */
export const LAST_MIGRATION = "0015_webhook_batches.sql";

/** The queues of wrangler.toml, each of which has a consumer. */
export const QUEUES: readonly string[] = [
  "sandi-sends",
  "sandi-notifications",
  "sandi-events",
  "sandi-deliveries",
  "sandi-deliveries-slow",
  "sandi-events-dead",
];

/** What the Worker and the command line both find of Cloudflare. */
export const platformChecks: readonly Check[] = [
  { id: "cf.migrations", severity: "blocks", needs: ["cf.token"], examine: examineMigrations },
  { id: "cf.queues", severity: "blocks", needs: ["cf.token"], examine: examineQueues },
];

function examineMigrations({ platform, cloudflare }: Findings): Result | null {
  const pending = cloudflare?.pendingMigrations ?? null;
  const last = platform?.lastMigration;
  if (pending === null && last === undefined) return null;
  const isBehind = pending === null ? (last ?? "") < LAST_MIGRATION : pending.length > 0;
  if (!isBehind) return ok("The journal's tables are those of this version.");
  return failed({
    sentence: "The journal's tables are those of an older version.",
    why: "Lists and statistics fail, and events wait in their queue until it has the new ones.",
    repair: {
      by: "command",
      text: "Run `npx wrangler d1 migrations apply JOURNAL --remote`.",
    },
    evidence: { expected: LAST_MIGRATION, found: pending ?? last ?? null },
  });
}

/** Events are consumed within seconds; an outage of the journal may hold them for some minutes. */
const LONG_WAIT_MS = 15 * MINUTE_MS;

function examineQueues({ now, platform, cloudflare }: Findings): Result | null {
  const queues = cloudflare?.queues ?? null;
  const oldest = platform?.oldestEventAt;
  if (queues === null && oldest === undefined) return null;
  const missing =
    queues === null ? [] : QUEUES.filter((name) => !queues.some((queue) => queue.name === name));
  const unread = (queues ?? []).filter(({ name, consumers }) => QUEUES.includes(name) && consumers === 0);
  const isLate = oldest != null && oldest < now - LONG_WAIT_MS;
  if (missing.length === 0 && unread.length === 0 && !isLate)
    return deadLettersIn(platform?.deadLetters ?? 0);
  const found = { missing, withoutConsumer: unread.map(({ name }) => name), oldestEventAt: oldest ?? null };
  if (missing.length > 0) {
    return failed({
      sentence: `${missing.length === 1 ? "A queue does" : "Queues do"} not exist: ${listed(missing)}.`,
      why: "Events and messages to send have no place to wait.",
      repair: {
        by: "command",
        text: `Run \`npx wrangler queues create ${missing[0]}\`${missing.length === 1 ? "" : ", likewise for the others"}, then \`npm run deploy\`.`,
      },
      evidence: { expected: QUEUES, found },
    });
  }
  return failed({
    sentence: "Events are not being consumed.",
    why: "Journal, statistics and webhook endpoints get no news, and fallbacks are not sent.",
    repair: {
      by: "command",
      text: "Run `npm run deploy`, which attaches the consumers of the queues, and look for errors with `npx wrangler tail`.",
    },
    evidence: { expected: "a consumer for each queue", found },
  });
}

function deadLettersIn(count: number): Result {
  if (count === 0) return ok("Events are being consumed.");
  return warning({
    sentence: `${count === 1 ? "One event" : `${count} events`} could not be stored.`,
    why: "The journal lacks them and webhook endpoints have not received them. They are tried every 12 hours for 14 days.",
    repair: {
      by: "command",
      text: 'Look for "Events could not be stored" with `npx wrangler tail` or in the Worker\'s logs: the line has the error.',
    },
    evidence: { expected: 0, found: count },
  });
}
