import { round, table } from "../harness/statistics.ts";
import { bill, perVerification, sum } from "./bill.ts";
import { USD_PER_MILLION } from "./prices.ts";
import { UNITS } from "./protocol.ts";
import type { Measured } from "./world.ts";

/** What a verification takes on each path, and what a million of them cost. */
export function costTable(measured: readonly Measured[]): string {
  const columns = measured.map((one) => ({ each: perVerification(one), usd: bill(one) }));
  return table(
    ["of one verification", "$ a million", ...measured.flatMap(({ path }) => [path, "$"])],
    [
      ...UNITS.map((unit) => [
        unit.replaceAll("_", " "),
        USD_PER_MILLION[unit],
        ...columns.flatMap(({ each, usd }) => [round(each[unit], 3), round(usd[unit], 2)]),
      ]),
      ["CPU", "", ...columns.flatMap(({ usd }) => ["", round(usd.cpu, 2)])],
      ["objects' duration", "", ...columns.flatMap(({ usd }) => ["", round(usd.duration, 2)])],
      [
        "**a million verifications**",
        "",
        ...columns.flatMap(({ usd }) => ["", `**${round(sum(Object.values(usd)), 2)}**`]),
      ],
    ],
  );
}

/** The same units at every size. */
export function scaleTable(measured: readonly Measured[]): string {
  return table(
    ["path", "numbers", ...UNITS.map((unit) => unit.replaceAll("_", " ")), "$ a million"],
    measured.map((one) => [
      one.path,
      one.numbers,
      ...UNITS.map((unit) => round(perVerification(one)[unit], 3)),
      round(sum(Object.values(bill(one))), 2),
    ]),
  );
}

/** Where the units come from, the dearest first. */
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
    [`${path}: where from`, "unit", "of one verification", "$ a million"],
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
