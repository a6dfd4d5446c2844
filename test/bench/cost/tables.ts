import { LOG_USD_PER_MILLION } from "../../../src/scale/platform.ts";
import { round, table } from "../harness/statistics.ts";
import { bill, billKept, logLines, perVerification, USD_PER_MILLION, usdOf } from "./bill.ts";
import type { Measured } from "./measure.ts";
import { UNITS } from "./protocol.ts";

/**
 * The units of one verification on each path, and the cost of a million; below it what its rows cost until they are deleted,
 * and its lines of the log.
 *
 * @param few The same paths with fewer numbers.
 */
export function costTable(few: readonly Measured[], many: readonly Measured[]): string {
  const columns = many.map((result, place) => ({
    each: perVerification(result),
    usd: bill(result),
    total: usdOf(result),
    kept: billKept(few[place] ?? result, result),
    lines: logLines(result),
  }));
  return table(
    ["per verification", "$ per million", ...many.flatMap(({ path }) => [path, "$"])],
    [
      ...UNITS.map((unit) => [
        unit.replaceAll("_", " "),
        USD_PER_MILLION[unit],
        ...columns.flatMap(({ each, usd }) => [round(each[unit], 3), round(usd[unit], 2)]),
      ]),
      ["CPU", "", ...columns.flatMap(({ usd }) => ["", round(usd.cpu, 2)])],
      ["duration of objects", "", ...columns.flatMap(({ usd }) => ["", round(usd.duration, 2)])],
      ["**a million verifications**", "", ...columns.flatMap(({ total }) => ["", `**${round(total, 2)}**`])],
      ["storage of the journal", "", ...columns.flatMap(({ kept }) => ["", round(kept.storage, 2)])],
      [
        "lines of the log",
        LOG_USD_PER_MILLION,
        ...columns.flatMap(({ lines, kept }) => [round(lines, 3), round(kept.logs, 2)]),
      ],
    ],
  );
}

/** The units of one verification for each number of phone numbers. */
export function scaleTable(measured: readonly Measured[]): string {
  return table(
    ["path", "numbers", ...UNITS.map((unit) => unit.replaceAll("_", " ")), "$ per million"],
    measured.map((result) => [
      result.path,
      result.numbers,
      ...UNITS.map((unit) => round(perVerification(result)[unit], 3)),
      round(usdOf(result), 2),
    ]),
  );
}

/** The sources of the units, most expensive first. */
export function sourceTable({ counts, numbers, path }: Measured): string {
  const rows = UNITS.flatMap((unit) =>
    Object.entries(counts[unit] ?? {}).map(([source, amount]) => ({
      unit,
      source,
      each: amount / numbers,
      usd: (amount / numbers) * USD_PER_MILLION[unit],
    })),
  );
  return table(
    [`${path}: source`, "unit", "per verification", "$ per million"],
    rows
      .filter(({ usd }) => usd >= 0.005)
      .toSorted((a, b) => b.usd - a.usd)
      .map(({ source, unit, each, usd }) => [
        source,
        unit.replaceAll("_", " "),
        round(each, 3),
        round(usd, 2),
      ]),
  );
}
