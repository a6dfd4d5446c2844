import { type Row, round, table } from "../harness/statistics.ts";
import type { Verdict } from "./protocol.ts";

export function isMet({ figure, limit }: Verdict): boolean {
  return figure <= limit;
}

export function verdictTable(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map((verdict): Row => {
    const { title, figure, limit } = verdict;
    return [
      title,
      round(figure, 3).toLocaleString("en"),
      limit.toLocaleString("en"),
      isMet(verdict) ? "" : "MISSED",
    ];
  });
  return table(["", "measured", "at most", ""], rows);
}
