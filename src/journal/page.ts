import type { AppScope } from "../ids/app-name.ts";
import type { JournalFilter, JournalPage } from "./filter.ts";
import { findOfNumber } from "./number-page.ts";
import { scanPage } from "./scan.ts";
import type { JournalTables } from "./tables.ts";

/**
 * Reads one page of an app, or of every app. The position of a row never changes, so paging shows each row that
 * existed at the start exactly once, also while rows are being written.
 */
export function findPage(tables: JournalTables, app: AppScope, filter: JournalFilter): Promise<JournalPage> {
  const { tags = [] } = filter;
  return tables.read("verifications", async (all) => {
    if (all.length === 0) return { verifications: [], next: null };
    return tags.length > 0
      ? findOfNumber(tables.db, all, app, { ...filter, tags })
      : scanPage(tables.db, all, app, filter);
  });
}
