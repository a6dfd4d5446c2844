/** `node test/guard/traffic/report.ts [seed]`: the table of docs/guard.md, in Markdown. */
import { sendsAnHourAndIp } from "./attacks.ts";
import { simulate, type Tried } from "./simulation.ts";

const { honest, honestRows, rows } = simulate(Number(process.argv[2] ?? 1));

const COLUMNS = [
  "attack",
  "ranges",
  "an hour and client IP, at most",
  "asked",
  "sent",
  "stopped",
  "stopped after the first 20 a range",
  "honest refused, all days",
  "that day",
  "that day, in other ranges",
  "cost unguarded",
  "cost",
  "hard caps alone: sent",
  "cost",
  "honest refused that day",
];

console.log(
  `Two weeks of honest traffic: ${honest.tried} sends, ${honest.refused} refused (${share(honest)}); ` +
    `${honestRows.toFixed(2)} rows a verification.\n`,
);
console.log(`| ${COLUMNS.join(" | ")} |\n|${" --- |".repeat(COLUMNS.length)}`);
for (const { attack, ranges, sends, afterFirst, capped, ...row } of rows) {
  const cells = [
    attack.name,
    ranges,
    sendsAnHourAndIp(attack),
    sends.tried,
    passed(sends),
    share(sends),
    share(afterFirst),
    share(row.honest),
    share(row.honestThatDay),
    share(row.honestElsewhere),
    money(row.costUnguarded),
    money(row.cost),
    passed(capped.sends),
    money(capped.cost),
    share(capped.honestThatDay),
  ];
  console.log(`| ${cells.join(" | ")} |`);
}

function passed({ tried, refused }: Tried): number {
  return tried - refused;
}

function share({ tried, refused }: Tried): string {
  return tried === 0 ? "–" : `${((100 * refused) / tried).toFixed(refused === 0 ? 0 : 3)} %`;
}

function money(amount: number): string {
  return amount.toFixed(0);
}
