import * as z from "zod";
import { parseRange, rangeOf } from "../../../guard/range.ts";
import { RULE_NAMES } from "../../../guard/rule.ts";
import type { AuditEntry } from "../../../journal/audit.ts";
import type { GuardLog, LoggedDecision } from "../../../journal/guard-log.ts";
import type { Apps } from "../../../keys/apps.ts";
import { maskNumber } from "../../../numbering/e164.ts";
import type { Operator } from "../../../operator/operator.ts";
import { serializeCursor } from "../../../platform/cursor.ts";
import { described, documented } from "../../../platform/documented.ts";
import { toIso } from "../../../platform/time.ts";
import { decision, toDecisionBody } from "../../../wire/guard-decision.ts";
import { defineEndpoint, type Handlers, type Reply } from "../../endpoint.ts";
import { appName, chosenApp } from "../apps.ts";
import { auditBody, toAuditBody } from "../audit.ts";
import { ipAddress, phoneNumber } from "../fields.ts";
import { cursorField, pageBody, pageQuery } from "../page.ts";

const decisionBody = documented(() =>
  decision.extend({ id: z.string(), created_at: z.iso.datetime() }).meta({ id: "GuardDecision" }),
);

const undoneBody = documented(() =>
  auditBody
    .omit({ outcome: true })
    .extend({ changed: z.boolean().meta({ description: "False where there was nothing to undo." }) })
    .meta({ id: "UndoneBlock" }),
);

const reason = z
  .string()
  .min(1)
  .max(500)
  .meta(described({ description: "Goes into the record of who did what." }));

const range = z.string().transform((text, context) => {
  const parsed = parseRange(text);
  if (parsed !== null) return parsed;
  const message = "Give a number without its last four digits.";
  context.issues.push({ code: "custom", input: text, message });
  return z.NEVER;
});

/** A MAC in base64url. */
const network = z
  .string()
  .regex(/^[A-Za-z0-9_-]{43}$/, "Give the tag of a network as a decision names it.")
  .meta(described({ description: "The tag of a network, from the figures of a decision." }));

export const decisionDefinitions = {
  listGuardDecisions: defineEndpoint({
    operationId: "listGuardDecisions",
    method: "get",
    path: "/v1/guard/decisions",
    scope: "reports",
    docs: documented(() => ({
      summary: "List what the guard refused",
      description:
        "Newest first: every refusal and every send that would have been refused, with its figures.",
      responses: { 200: { description: "A page of decisions.", schema: pageBody(decisionBody) } },
      problems: [],
    })),
    query: z.strictObject({
      rule: z.enum(RULE_NAMES).optional(),
      app: appName.optional(),
      limit: pageQuery.limit,
      after: cursorField((id) => (/^evt_\w+$/.test(id) ? id : null)).optional(),
    }),
  }),

  unblockRange: defineEndpoint({
    operationId: "unblockRange",
    method: "post",
    path: "/v1/guard/unblock",
    scope: "admin",
    sharedByApps: "A block or a lock holds for every app.",
    docs: documented(() => ({
      summary: "Open a blocked range or network",
      description:
        "A range by its digits or by any number in it; a network of users by the tag that a decision names, or by an " +
        "address in it.",
      example: { range: "+6281234567", reason: "Our own campaign." },
      responses: { 200: { description: "Open.", schema: undoneBody } },
      problems: ["invalid_phone_number"],
    })),
    actsWithoutAudit: true,
    auditTarget: ({ target }) =>
      "range" in target ? target.range : "tag" in target ? networkTarget(target.tag) : null,
    body: z
      .strictObject({
        range: range.optional(),
        to: phoneNumber.optional(),
        network: network.optional(),
        ip: ipAddress.optional(),
        reason,
      })
      .transform(({ range, to, network: tag, ip, reason }, context) => {
        const targets = [
          ...(range === undefined ? [] : [{ range }]),
          ...(to === undefined ? [] : [{ range: rangeOf(to) }]),
          ...(tag === undefined ? [] : [{ tag }]),
          ...(ip === undefined ? [] : [{ ip }]),
        ];
        const [target] = targets;
        if (target !== undefined && targets.length === 1) return { target, reason };
        const message = "Give one of range, to, network and ip.";
        context.issues.push({ code: "custom", input: range, path: ["range"], message });
        return z.NEVER;
      })
      .meta(described({ id: "UnblockRange" })),
  }),

  unlockNumber: defineEndpoint({
    operationId: "unlockNumber",
    method: "post",
    path: "/v1/guard/unlock",
    scope: "admin",
    sharedByApps: "A block or a lock holds for every app.",
    docs: documented(() => ({
      summary: "Unlock a number",
      description: "Wrong codes in a row, its owner's denials and a changed phone count no more.",
      example: { to: "+6281234567890", reason: "The owner called us." },
      responses: { 200: { description: "Unlocked.", schema: undoneBody } },
      problems: ["invalid_phone_number"],
    })),
    actsWithoutAudit: true,
    auditTarget: ({ to }) => maskNumber(to),
    body: z.strictObject({ to: phoneNumber, reason }).meta(described({ id: "UnlockNumber" })),
  }),
};

export function decisionHandlers(
  log: GuardLog,
  operator: Operator,
  apps: Apps,
): Handlers<typeof decisionDefinitions> {
  return {
    async listGuardDecisions({ query: { limit, app: named, ...filter }, caller }) {
      const found = await log.decisions({ ...filter, app: chosenApp(caller, named, apps), limit: limit + 1 });
      const page = found.slice(0, limit);
      const last = found.length > limit ? page.at(-1) : undefined;
      const body = { data: page.map(toLoggedBody), next: last === undefined ? null : serializeCursor(last) };
      return { status: 200, body, outcome: "listed" };
    },
    async unblockRange({ body: { target }, audit }) {
      if ("range" in target)
        return undone(audit, target.range, await operator.unblock(target.range), "unblocked");
      const tag = "tag" in target ? target.tag : operator.networkOf(target.ip);
      return undone(audit, networkTarget(tag), await operator.unblockNetwork(tag), "unblocked");
    },
    async unlockNumber({ body: { to }, audit }) {
      return { ...undone(audit, maskNumber(to), await operator.unlock(to), "unlocked"), to };
    },
  };
}

/** An address is not recorded, only the keyed tag of its network. */
function networkTarget(tag: string): string {
  return `network ${tag}`;
}

function undone(audit: AuditEntry | null, target: string, changed: boolean, word: string): Reply {
  if (audit === null) throw new Error("The mount records what an operator undoes");
  const { outcome: _, ...entry } = toAuditBody({ ...audit, target });
  return { status: 200, body: { ...entry, changed }, outcome: changed ? word : "was_open", target };
}

function toLoggedBody({ createdAt, ...logged }: LoggedDecision): z.input<typeof decisionBody> {
  return { ...toDecisionBody(logged), id: logged.id, created_at: toIso(createdAt) };
}
