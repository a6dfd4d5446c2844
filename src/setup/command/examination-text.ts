import type { CheckResult, Examination, State, Verdict } from "../examination.ts";
import { labelled, markOf, paint, type Style, wrap } from "./terminal.ts";

const VERDICTS: Readonly<Record<Verdict, readonly [format: "green" | "yellow" | "red", meaning: string]>> = {
  ready: ["green", "Codes go out on WhatsApp."],
  limited: ["yellow", "The number works, but not every code can be sent on WhatsApp yet."],
  trial: ["yellow", "This is Meta's test number: it reaches five listed people and sends no codes."],
  blocked: ["red", "Codes do not go out, or what becomes of them is not known."],
};

/** An examination for a terminal: the verdict, the next step, what is not fine, then the rest in a few lines. */
export function examinationText(examination: Examination, style: Style): readonly string[] {
  const { verdict, next, checks } = examination;
  const [format, meaning] = VERDICTS[verdict];
  return [
    ...labelled(style, "Verdict", `${paint(style, [format, "bold"], verdict)}. ${meaning}`),
    ...labelled(style, "Next", next),
    ...checks.filter(({ state }) => state === "failed").flatMap((check) => faultText(check, style)),
    ...checks.filter(({ state }) => state === "warning").flatMap((check) => faultText(check, style)),
    "",
    ...restText(checks, "unknown", "could not be answered", style),
    ...restText(checks, "skipped", "not examined, because another comes first", style),
    ...fineText(checks, style),
  ];
}

const INDENT = 4;

function faultText(check: CheckResult, style: Style): readonly string[] {
  const { id, state, sentence, why, repair, meta } = check;
  const field = (label: string, text: string) => labelled(style, label, text, { indent: INDENT });
  return [
    "",
    `  ${markOf(style, state)} ${paint(style, "bold", id)}`,
    ...wrap(style, sentence, INDENT),
    ...(why === null ? [] : field("Why", why)),
    ...(repair === null ? [] : field("Repair", repair.text)),
    // On lines of their own, so that they can be copied whole.
    ...(repair?.by === "doctor" ? field("Run", `npm run doctor -- --fix ${id}`) : []),
    ...(repair?.url === undefined ? [] : field("Link", repair.url)),
    ...(meta === null ? [] : field("Meta", metaText(meta))),
  ];
}

function metaText({ code, subcode, message, trace }: NonNullable<CheckResult["meta"]>): string {
  const codes = subcode === null ? `code ${code}` : `code ${code}, subcode ${subcode}`;
  return `${codes}${trace === null ? "" : `, trace ${trace}`}${message === "" ? "" : `: "${message}"`}`;
}

function restText(checks: readonly CheckResult[], state: State, what: string, style: Style) {
  const ids = checks.filter((check) => check.state === state).map(({ id }) => id);
  if (ids.length === 0) return [];
  const first = `  ${markOf(style, state)} `;
  return wrap(style, `${ids.length} ${what}: ${ids.join(", ")}`, { first, others: INDENT });
}

function fineText(checks: readonly CheckResult[], style: Style): readonly string[] {
  const count = checks.filter(({ state }) => state === "ok").length;
  return count === 0 ? [] : [`  ${markOf(style, "ok")} ${count} fine`];
}
