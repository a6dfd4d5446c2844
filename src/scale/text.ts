import { labelled, markOf, paint, type Style, wrap } from "../setup/command/terminal.ts";
import { figure } from "./figure.ts";
import type { JudgedCeiling, Report, Standing } from "./report.ts";

const MARKS = { met: "failed", near: "warning", far: "ok" } as const satisfies Record<Standing, string>;

/** Where the text of a ceiling begins: its mark, rate and headroom stand before it. */
const COLUMN = 22;

/** A report in a terminal. */
export function reportText(report: Report, style: Style): readonly string[] {
  const { ceilings, others } = report;
  return [
    ...wrap(style, `${paint(style, "bold", "Sandi scale")} · ${loadText(report)}`, 0),
    "",
    ...row(style, "First", firstText(report)),
    "",
    paint(style, "dim", "   met at     headroom"),
    ...ceilings.flatMap((ceiling) => ceilingText(ceiling, style)),
    "",
    paint(style, "dim", "   at any rate"),
    ...others.flatMap(({ title, because }) => wrap(style, `${paint(style, "bold", title)}: ${because}`, 3)),
    "",
    ...row(style, "Senders", sendersText(report)),
    ...row(style, "Dollars", dollarsText(report)),
    ...row(style, "Sources", SOURCES),
  ];
}

function row(style: Style, label: string, text: string): readonly string[] {
  return labelled(style, label, text, { labelWidth: 9 });
}

const SOURCES =
  "The limits are those that Cloudflare and Meta publish; none was tried on their networks. What a verification takes is counted by npm run bench:cost. See docs/scale.md.";

function loadText({ plan, peak }: Report): string {
  const endpoints = ["no webhook endpoint", "1 webhook endpoint"][plan.endpoints];
  return [
    `${figure(plan.rate)} a second, ${figure(peak)} at the peak`,
    `${endpoints ?? `${plan.endpoints} webhook endpoints`}${plan.hasBatches ? " in batches" : ""}`,
    `${plan.retentionDays} days`,
  ].join(" · ");
}

function firstText({ plan, ceilings: [first] }: Report): string {
  if (first === undefined) return "No ceiling is known.";
  const { title, at, standing, effect } = first;
  const consequence = standing === "met" ? ` ${figure(plan.rate)} is above it. ${effect}` : "";
  return `${title}, at ${figure(at)} a second.${consequence}`;
}

function ceilingText(
  { standing, at, headroom, title, because, effect, remedy }: JudgedCeiling,
  style: Style,
) {
  const [rate, times] = [`${figure(at)}/s`.padStart(8), `${figure(headroom)} x`.padStart(9)];
  const first = `${markOf(style, MARKS[standing])} ${rate} ${times}  `;
  const more = standing === "far" ? [] : [`${effect} ${remedy}`];
  return [
    ...wrap(style, paint(style, "bold", title), { first, others: COLUMN }),
    ...[because, ...more].flatMap((text) => wrap(style, text, COLUMN)),
  ];
}

function sendersText({ plan, senders }: Report): string {
  const needed = senders.map(({ count, pace }) => `${figure(count)} of ${figure(pace)} messages a second`);
  return `The peak needs ${needed.join(", or ")}. Planned: ${plan.senders}, of ${figure(plan.pace)} together.`;
}

function dollarsText({ dollars: { verifications, endpoints, storage, logs } }: Report): string {
  const parts = [
    ["verifications", verifications],
    ["webhooks", endpoints],
    ["storage", storage],
    ["logs", logs],
  ] as const;
  const total = parts.reduce((sum, [, usd]) => sum + usd, 0);
  const list = parts.map(([name, usd]) => `${name} ${figure(usd)}`);
  return `${figure(total)} a month at Cloudflare: ${list.join(", ")}. Meta's price of the messages comes on top.`;
}
