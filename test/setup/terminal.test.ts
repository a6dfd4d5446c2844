import { describe, expect, it } from "vitest";
import { examinationText } from "../../src/setup/command/examination-text.ts";
import { elapsed, paint, type Style, styleOf, wrap } from "../../src/setup/command/terminal.ts";
import type { CheckResult, Examination } from "../../src/setup/examination.ts";

const PLAIN: Style = { width: 80, hasColor: false };
const COLORED: Style = { width: 80, hasColor: true };

describe("The style of a terminal", () => {
  it.each([
    [{ isTTY: true, columns: 120 }, {}, { width: 100, hasColor: true }],
    [{ isTTY: true, columns: 60 }, { NO_COLOR: "1" }, { width: 60, hasColor: false }],
    [{ isTTY: true, columns: 10 }, { TERM: "dumb" }, { width: 40, hasColor: false }],
    [{}, {}, { width: 80, hasColor: false }],
    [{}, { FORCE_COLOR: "1" }, { width: 80, hasColor: true }],
    [{}, { FORCE_COLOR: "1", NO_COLOR: "1" }, { width: 80, hasColor: false }],
  ])("of %o with %o is %o", (stream, environment, style) => {
    expect(styleOf(stream, environment)).toEqual(style);
  });
});

describe("A text in a terminal", () => {
  it("breaks between words within the width, and counts no color codes", () => {
    const words = Array.from({ length: 12 }, () => paint(COLORED, "red", "0123456789")).join(" ");
    const lines = wrap(COLORED, words, { first: "- ", others: 2 });
    expect(lines.map((line) => line.replaceAll("\u001b[31m", "").replaceAll("\u001b[39m", ""))).toEqual([
      `- ${Array.from({ length: 7 }, () => "0123456789").join(" ")}`,
      `  ${Array.from({ length: 5 }, () => "0123456789").join(" ")}`,
    ]);
  });

  it("names an elapsed time", () => {
    expect([elapsed(420), elapsed(65_000)]).toEqual(["0.4 s", "1 min 5 s"]);
  });
});

describe("An examination in a terminal", () => {
  it("shows the verdict, the next step and each fault, at 80 columns and without color", () => {
    const lines = examinationText(EXAMINATION, PLAIN);
    expect(lines.join("\n")).toBe(TEXT);
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  });

  it("says the same with color", () => {
    const colored = examinationText(EXAMINATION, COLORED).join("\n");
    expect(colored).toContain("\u001b[");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: color codes begin with the control character ESC.
    expect(colored.replace(/\u001b\[\d+m/g, "")).toBe(TEXT);
  });
});

const NOTHING = { why: null, repair: null, evidence: null, meta: null };

const CHECKS: readonly CheckResult[] = [
  {
    id: "template.eligibility",
    severity: "blocks",
    state: "failed",
    sentence:
      "Meta does not yet allow authentication templates for this account: business verification is pending and the limit is 250.",
    why: "Codes go by SMS or message-first until then.",
    repair: {
      by: "link",
      text: "Verify the business in Business settings, Security center.",
      url: "https://business.facebook.com/settings/security",
    },
    evidence: null,
    meta: { code: 10, subcode: 2388185, message: "No permission", trace: "AbC" },
  },
  {
    id: "webhook.fields",
    severity: "blocks",
    state: "warning",
    sentence: "The webhook is not subscribed to security.",
    why: "Sandi does not hear of a changed PIN.",
    repair: { by: "doctor", text: "Subscribe to the fields." },
    evidence: null,
    meta: null,
  },
  { id: "token.valid", severity: "blocks", state: "ok", sentence: "The token works.", ...NOTHING },
  { id: "api.version", severity: "warns", state: "ok", sentence: "v26.0 is current.", ...NOTHING },
  { id: "number.badge", severity: "informs", state: "unknown", sentence: "No answer.", ...NOTHING },
];

const EXAMINATION: Examination = {
  verdict: "limited",
  checkedAt: "2026-11-30T12:00:00.000Z",
  next: "Verify the business in Business settings, Security center.",
  checks: CHECKS,
};

const TEXT = `Verdict limited. The number works, but not every code can be sent on WhatsApp
        yet.
Next    Verify the business in Business settings, Security center.

  ✗ template.eligibility
    Meta does not yet allow authentication templates for this account: business
    verification is pending and the limit is 250.
    Why     Codes go by SMS or message-first until then.
    Repair  Verify the business in Business settings, Security center.
    Link    https://business.facebook.com/settings/security
    Meta    code 10, subcode 2388185, trace AbC: "No permission"

  ! webhook.fields
    The webhook is not subscribed to security.
    Why     Sandi does not hear of a changed PIN.
    Repair  Subscribe to the fields.
    Run     npm run doctor -- --fix webhook.fields

  ? 1 could not be answered: number.badge
  ✓ 2 fine`;
