import type { StartupResult } from "../startup.ts";
import { type AddedLatency, latencyRatio, type Round, type Services, throughputRatio } from "./comparison.ts";
import type { Throughput } from "./load.ts";
import { formatSpread, median, percentile, type Row, round, table } from "./statistics.ts";

export function throughputTable(rounds: readonly Round[]): string {
  const row = (title: string, measure: keyof Throughput): Row => {
    const perSecond = (name: keyof Services) => round(median(rounds.map((turn) => turn[name][measure])), 0);
    return [
      title,
      perSecond("sandi"),
      perSecond("floor"),
      perSecond("betterAuth"),
      formatSpread(throughputRatio(rounds, measure, "floor"), 2),
      formatSpread(throughputRatio(rounds, measure, "betterAuth"), 2),
    ];
  };
  return table(
    ["per second", "Sandi", "floor", "better-auth", "Sandi : floor", "Sandi : better-auth"],
    [row("starts", "start"), row("checks", "check"), row("round trips", "roundTrip")],
  );
}

export function latencyTable(cells: readonly AddedLatency[]): string {
  return table(
    ["WhatsApp", "starts per second", "Sandi p50", "p99", "floor p50", "p99", "p50, Sandi : floor"],
    cells.map((cell) => [
      `${cell.whatsAppMs} ms`,
      cell.startsPerSecond,
      ...[cell.sandi.flat(), cell.floor.flat()].flatMap((added) =>
        [0.5, 0.99].map((share) => `+ ${round(percentile(added, share), 1)} ms`),
      ),
      formatSpread(latencyRatio(cell), 2),
    ]),
  );
}

export function startupTable(result: StartupResult): string {
  const { first_answer_ms: firstAnswerMs, bundle_gzip_bytes: gzipBytes } = result;
  return table(
    ["", "Sandi", "Hono alone", "Sandi : Hono"],
    [
      [
        "from the start of the process to the first answer",
        `${firstAnswerMs.sandi} ms`,
        `${firstAnswerMs.hono} ms`,
        result.first_answer_vs_hono,
      ],
      [
        "bundle, gzip",
        `${gzipBytes.sandi} bytes`,
        `${gzipBytes.hono} bytes`,
        round(gzipBytes.sandi / gzipBytes.hono, 1),
      ],
    ],
  );
}
