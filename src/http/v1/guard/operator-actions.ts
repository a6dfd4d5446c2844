import * as z from "zod";
import { parseRange, rangeOf } from "../../../guard/range.ts";
import type { Operator } from "../../../operator/operator.ts";
import { endpoint } from "../endpoint.ts";
import { phoneNumber } from "../fields.ts";
import { auditBody, toAuditBody } from "./body.ts";

const reason = z.string().min(1).max(500).meta({ description: "Goes into the record of who did what." });

const range = z.string().transform((text, context) => {
  const parsed = parseRange(text);
  if (parsed !== null) return parsed;
  context.issues.push({
    code: "custom",
    input: text,
    message: "Give a number without its last four digits.",
  });
  return z.NEVER;
});

export function unblockRange(operator: Operator) {
  return endpoint({
    operationId: "unblockRange",
    method: "post",
    path: "/v1/guard/unblock",
    scope: "admin",
    summary: "Open a blocked range",
    description: "By the range that a decision names, or by any number in it.",
    body: z
      .strictObject({ range: range.optional(), to: phoneNumber.optional(), reason })
      .refine((body) => (body.range === undefined) !== (body.to === undefined), {
        path: ["range"],
        message: "Give either a range or a number.",
      })
      .meta({ id: "UnblockRange" }),
    example: { range: "+6281234567", reason: "Our own campaign." },
    responses: { 200: { description: "Open.", schema: auditBody } },
    problems: ["invalid_phone_number"],
    async handle({ body, caller }) {
      const blocked = body.range ?? (body.to && rangeOf(body.to));
      if (blocked === undefined) throw new Error("The schema lets no such body through");
      const entry = await operator.unblock(blocked, { actor: caller.id, reason: body.reason });
      return { status: 200, body: toAuditBody(entry), outcome: entry.changed ? "unblocked" : "was_open" };
    },
  });
}

export function unlockNumber(operator: Operator) {
  return endpoint({
    operationId: "unlockNumber",
    method: "post",
    path: "/v1/guard/unlock",
    scope: "admin",
    summary: "Unlock a number",
    description: "Wrong codes in a row, and its owner's denials, count no more.",
    body: z.strictObject({ to: phoneNumber, reason }).meta({ id: "UnlockNumber" }),
    example: { to: "+6281234567890", reason: "The owner called us." },
    responses: { 200: { description: "Unlocked.", schema: auditBody } },
    problems: ["invalid_phone_number"],
    async handle({ body: { to, reason: why }, caller }) {
      const entry = await operator.unlock(to, { actor: caller.id, reason: why });
      return { status: 200, body: toAuditBody(entry), outcome: entry.changed ? "unlocked" : "was_open", to };
    },
  });
}
