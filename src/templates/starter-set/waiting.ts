import { log } from "../../platform/log.ts";
import { HOUR_MS, MINUTE_MS } from "../../platform/time.ts";
import type { Templates } from "../templates.ts";
import { type SetUpRow, setUp } from "./starter-set.ts";

/** Why templates that wait are tried: by the daily run, on news of the account, or since a person asks. */
export type Cause = "daily" | "news" | "asked";

/** The least time since the last try. The daily run comes a little earlier or later than a day after the last. */
const LEAST_WAIT_MS: Readonly<Record<Cause, number>> = { daily: 20 * HOUR_MS, news: MINUTE_MS, asked: 0 };

/**
 * Creates the authentication templates that wait for Meta to allow them. The first is tried; the others only once it
 * was not refused for the same reason, since that holds for the whole account.
 *
 * @returns what WhatsApp said of each that was tried
 */
export async function createWaiting(templates: Templates, cause: Cause): Promise<readonly SetUpRow[]> {
  const waiting = await templates.claimWaiting(LEAST_WAIT_MS[cause]);
  const rows: SetUpRow[] = [];
  for (const [name, languages] of Object.entries(waiting?.templates ?? {})) {
    const tried = await setUp(templates, [name], languages);
    rows.push(...tried);
    if (tried.some((row) => row.waiting)) break;
  }
  const created = rows.filter(({ status }) => status !== null);
  if (created.length > 0) {
    log("info", "Templates were created that Meta did not allow before", { count: created.length });
  }
  return rows;
}

/** As {@link createWaiting}, in the background: a failure is logged, and tried again the next day. */
export async function tryWaiting(templates: Templates, cause: Cause): Promise<void> {
  try {
    await createWaiting(templates, cause);
  } catch (error) {
    log("error", "Templates that wait for Meta could not be created", { error: String(error) });
  }
}
