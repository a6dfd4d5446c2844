import { round, table } from "../harness/statistics.ts";
import { bill, perVerification, sum, USD_PER_MILLION } from "./bill.ts";
import type { Measured } from "./measure.ts";
import { UNITS } from "./protocol.ts";

/** The units of one verification on each path, and the cost of a million. */
export function costTable(measured: readonly Measured[]): string {
  const columns = measured.map((result) => ({ each: perVerification(result), usd: bill(result) }));
  return table(
    ["per verification", "$ per million", ...measured.flatMap(({ path }) => [path, "$"])],
    [
      ...UNITS.map((unit) => [
        unit.replaceAll("_", " "),
        USD_PER_MILLION[unit],
        ...columns.flatMap(({ each, usd }) => [round(each[unit], 3), round(usd[unit], 2)]),
      ]),
      ["CPU", "", ...columns.flatMap(({ usd }) => ["", round(usd.cpu, 2)])],
      ["duration of objects", "", ...columns.flatMap(({ usd }) => ["", round(usd.duration, 2)])],
      [
        "**a million verifications**",
        "",
        ...columns.flatMap(({ usd }) => ["", `**${round(sum(Object.values(usd)), 2)}**`]),
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
      round(sum(Object.values(bill(result))), 2),
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
