import { describe, expect, it } from "vitest";
import { classifyBy } from "../../../src/channels/sms/gateway.ts";
import { TWILIO_ERRORS } from "../../../src/channels/sms/twilio.ts";
import { VONAGE_ERRORS, VONAGE_RECEIPT_ERRORS } from "../../../src/channels/sms/vonage.ts";

const TABLES = { TWILIO_ERRORS, VONAGE_ERRORS, VONAGE_RECEIPT_ERRORS };

/** Classes that must not be confused: an account error treated as a user's error would keep sending. */
const CLASSES: [keyof typeof TABLES, string, string][] = [
  ["TWILIO_ERRORS", "stop", "20005 20010 30002 30033"],
  ["TWILIO_ERRORS", "fix", "20003 20403 20404 21212 21606 21608 21609 21659 21660 21705 30018 30032 30034"],
  ["TWILIO_ERRORS", "backoff", "20429 21611 30001 30022 30023 30027"],
  ["TWILIO_ERRORS", "retry", "20500 20503 30017 30410"],
  ["TWILIO_ERRORS", "fallback", "21211 21214 21217 21265 21408 21610 21612 21614 21635"],
  ["TWILIO_ERRORS", "fallback", "30003 30004 30005 30006 30007 30008 30036 30450 30453"],
  ["TWILIO_ERRORS", "bug", "20001 21602 21604 21617"],
  ["VONAGE_ERRORS", "stop", "8 9"],
  ["VONAGE_ERRORS", "fix", "4 11 14 15 23 29"],
  ["VONAGE_ERRORS", "backoff", "1 10"],
  ["VONAGE_ERRORS", "retry", "5"],
  ["VONAGE_ERRORS", "fallback", "6 7 17 33"],
  ["VONAGE_ERRORS", "bug", "2 3 12 22 32"],
  ["VONAGE_RECEIPT_ERRORS", "fallback", "1 2 3 4 5 6 9 11 12 13 14 15 53 99"],
  ["VONAGE_RECEIPT_ERRORS", "retry", "7 8"],
  ["VONAGE_RECEIPT_ERRORS", "backoff", "16 41"],
  ["VONAGE_RECEIPT_ERRORS", "fix", "39 50 51 52 54"],
  ["VONAGE_RECEIPT_ERRORS", "bug", "10"],
];

describe("the SMS gateways' error tables", () => {
  it.each(CLASSES)("%s: class %s contains %s", (table, errorClass, codes) => {
    for (const code of codes.split(" ")) {
      expect([code, classifyBy(TABLES[table], code).class]).toEqual([code, errorClass]);
    }
  });

  it.each(Object.entries(TABLES))("%s: every title is a sentence without its full stop", (_, table) => {
    for (const [, title] of table.values()) expect(title).toMatch(/^[A-Z].{8,}[^.]$/);
  });

  it.each(["constructor", "__proto__", "toString", ""])("do not contain %j", (code) => {
    expect(classifyBy(TWILIO_ERRORS, code)).toMatchObject({ code, class: "fallback" });
  });
});
