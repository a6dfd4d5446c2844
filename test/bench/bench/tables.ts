import type { Contender } from "./contenders.ts";
import { type Added, type Round, ratio } from "./contest.ts";
import { median, percentile, round } from "./figures.ts";
import type { Throughput } from "./throughput.ts";

/** What `startup.ts` ends with. */
export interface Startup {
  readonly first_answer_ms: { readonly sandi: number; readonly hono: number };
  readonly first_answer_vs_hono: number;
  readonly bundle_gzip_bytes: { readonly sandi: number; readonly hono: number };
}

type Row = readonly (string | number)[];

export function throughputTable(rounds: readonly Round[]): string {
  const row = (title: string, of: keyof Throughput): Row => {
    const perSecond = (name: Contender["name"]) => round(median(rounds.map((one) => one[name][of])), 0);
    return [
      title,
      perSecond("sandi"),
      perSecond("floor"),
      perSecond("better_auth"),
      round(ratio(rounds, of, "floor"), 2),
      round(ratio(rounds, of, "better_auth"), 2),
    ];
  };
  return table(
    ["a second", "Sandi", "floor", "better-auth", "Sandi : floor", "Sandi : better-auth"],
    [row("starts", "start"), row("checks", "check"), row("round trips", "roundTrip")],
  );
}

export function latencyTable(cells: readonly Added[]): string {
  return table(
    ["WhatsApp", "starts a second", "Sandi p50", "p99", "floor p50", "p99", "p50, Sandi : floor"],
    cells.map(({ whatsAppMs, perSecond, sandi, floor }) => [
      `${whatsAppMs} ms`,
      perSecond,
      ...[sandi, floor].flatMap((added) =>
        [0.5, 0.99].map((share) => `+ ${round(percentile(added, share), 1)} ms`),
      ),
      round(median(sandi) / median(floor), 2),
    ]),
  );
}

export function startupTable({ first_answer_ms, first_answer_vs_hono, bundle_gzip_bytes }: Startup): string {
  const { sandi, hono } = bundle_gzip_bytes;
  return table(
    ["", "Sandi", "Hono alone", "Sandi : Hono"],
    [
      [
        "from the process's start to its first answer",
        `${first_answer_ms.sandi} ms`,
        `${first_answer_ms.hono} ms`,
        first_answer_vs_hono,
      ],
      ["bundle, gzip", `${sandi} bytes`, `${hono} bytes`, round(sandi / hono, 1)],
    ],
  );
}

/** In Markdown. */
function table(head: Row, rows: readonly Row[]): string {
  const line = (cells: Row) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
