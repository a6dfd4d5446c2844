import * as z from "zod";
import { described, documented } from "../../platform/documented.ts";
import { CHECK_IDS } from "../../setup/checks/ids.ts";
import type { Doctor, Repaired } from "../../setup/doctor.ts";
import type { CheckResult, Examination } from "../../setup/examination.ts";
import type { MetaError } from "../../setup/graph.ts";
import { sentenceOf } from "../../setup/repairs/repair.ts";
import { defineEndpoint, type Handlers } from "../endpoint.ts";

const metaError = documented(() =>
  z
    .object({
      code: z.int(),
      subcode: z.int().nullable(),
      message: z.string(),
      trace: z.string().nullable().meta({ description: "What Meta's support asks for." }),
    })
    .nullable()
    .meta({ description: "Meta's own error, where there was one." }),
);

const checkBody = documented(() =>
  z
    .object({
      id: z.enum(CHECK_IDS),
      severity: z.enum(["blocks", "degrades", "warns", "informs"]).meta({
        description:
          "`blocks`: no code goes out, or its fate stays unknown. `degrades`: some users or features are affected. " +
          "`warns`: it will break, or costs. `informs`: worth knowing.",
      }),
      state: z.enum(["ok", "warning", "failed", "unknown", "skipped"]).meta({
        description:
          "`unknown` where Meta did not answer; `skipped` where another check failed that this one rests on.",
      }),
      sentence: z.string(),
      why: z.string().nullable().meta({ description: "What follows from it." }),
      repair: z
        .object({
          by: z.enum(["doctor", "command", "link", "wait"]).meta({
            description: "`doctor`: `POST /v1/doctor/repairs` does it. `wait`: time alone.",
          }),
          text: z.string(),
          url: z.string().optional(),
        })
        .nullable(),
      evidence: z
        .object({ expected: z.unknown(), found: z.unknown() })
        .nullable()
        .meta({ description: "What was read, without secrets and whole numbers." }),
      meta: metaError,
    })
    .meta({ id: "DoctorCheck" }),
);

const examinationBody = documented(() =>
  z
    .object({
      verdict: z.enum(["ready", "limited", "trial", "blocked"]).meta({
        description:
          "`ready`: codes go out on WhatsApp. `limited`: the number works, but Meta does not let it send codes yet. " +
          "`trial`: Meta's test number. `blocked`: something else stands in the way.",
      }),
      checked_at: z.iso.datetime(),
      next: z.string().meta({ description: "The first thing to do, in one sentence." }),
      checks: z.array(checkBody),
    })
    .meta({ id: "Examination" }),
);

const repairedBody = documented(() =>
  z
    .object({
      check: z.enum(CHECK_IDS),
      outcome: z
        .enum(["repaired", "not_needed", "waits", "refused", "unanswered", "needs_consent", "by_hand"])
        .meta({
          description:
            "`waits`: another check comes first. `refused`: by Meta, see `meta`. `unanswered`: Meta may have done it. " +
            "`needs_consent`: repeat it with `take_over`. `by_hand`: a person has to do it.",
        }),
      sentence: z.string().nullable(),
      pin: z
        .string()
        .nullable()
        .meta({ description: "The number's new two-step PIN, shown this once; note it down." }),
      meta: metaError,
    })
    .meta({ id: "Repaired" }),
);

const OF_THE_DEPLOYMENT = "The deployment and its WhatsApp account serve every app.";

export const doctorDefinitions = {
  examineDeployment: defineEndpoint({
    operationId: "examineDeployment",
    method: "get",
    path: "/v1/doctor",
    scope: "admin",
    sharedByApps: OF_THE_DEPLOYMENT,
    docs: documented(() => ({
      summary: "Examine the deployment",
      description:
        "Asks Meta about the token, the app, the account, the number, its webhooks and templates, and compares the answers " +
        "with the settings and with what the deployment has seen. It answers within five seconds; what Meta has not said " +
        "by then is `unknown`. The answer is a minute old at most.",
      responses: { 200: { description: "The examination.", schema: examinationBody } },
      problems: [],
    })),
    query: z.strictObject({
      fresh: z
        .stringbool()
        .optional()
        .meta(described({ description: "Examines now.", examples: [true] })),
    }),
  }),

  repairDeployment: defineEndpoint({
    operationId: "repairDeployment",
    method: "post",
    path: "/v1/doctor/repairs",
    scope: "admin",
    sharedByApps: OF_THE_DEPLOYMENT,
    docs: documented(() => ({
      summary: "Repair what the doctor found",
      description:
        "For checks whose `repair.by` is `doctor`. It examines first, does nothing where there is no fault, and can be " +
        "repeated. What another project or person has set (`webhook.url`, `number.pin`) changes only with `take_over`. A " +
        "number that is registered gets a new two-step PIN, which is shown this once.",
      example: { checks: ["webhook.account"] },
      responses: {
        200: {
          description: "What became of each.",
          schema: z.object({ data: z.array(repairedBody) }).meta({ id: "RepairedDeployment" }),
        },
      },
      problems: [],
    })),
    body: z
      .strictObject({
        checks: z
          .array(z.enum(CHECK_IDS))
          .min(1)
          .max(CHECK_IDS.length)
          .meta(described({ description: "The ids of the checks to repair, in this order." })),
        take_over: z
          .boolean()
          .default(false)
          .meta(described({ description: "Agrees to change what another project or person has set." })),
      })
      .meta(described({ id: "RepairDeployment" })),
    auditTarget: ({ checks }) => checks.join(" "),
  }),
};

export function doctorHandlers(doctor: Doctor): Handlers<typeof doctorDefinitions> {
  return {
    async examineDeployment({ query, request }) {
      const examination = await doctor.examination(new URL(request.url).origin, query.fresh ?? false);
      return { status: 200, body: toExaminationBody(examination), outcome: examination.verdict };
    },
    async repairDeployment({ body, request }) {
      const origin = new URL(request.url).origin;
      const repaired = await doctor.repair(body.checks, origin, body.take_over);
      const outcomes = new Set(repaired.map(({ outcome }) => outcome.kind));
      return {
        status: 200,
        body: { data: repaired.map(toRepairedBody) },
        outcome: [...outcomes].join(" "),
      };
    },
  };
}

function toRepairedBody({ id, outcome }: Repaired): z.input<typeof repairedBody> {
  return {
    check: id,
    outcome: outcome.kind,
    sentence: sentenceOf(outcome),
    pin: outcome.kind === "repaired" ? (outcome.secret ?? null) : null,
    meta: outcome.kind === "refused" ? toMetaBody(outcome.error) : null,
  };
}

function toMetaBody({ code, subcode, message, trace }: MetaError): z.input<typeof metaError> {
  return { code, subcode, message, trace };
}

function toExaminationBody(examination: Examination): z.input<typeof examinationBody> {
  return {
    verdict: examination.verdict,
    checked_at: examination.checkedAt,
    next: examination.next,
    checks: examination.checks.map(toCheckBody),
  };
}

function toCheckBody({ repair, evidence, meta, ...result }: CheckResult): z.input<typeof checkBody> {
  return {
    id: result.id,
    severity: result.severity,
    state: result.state,
    sentence: result.sentence,
    why: result.why,
    repair: repair && {
      by: repair.by,
      text: repair.text,
      ...(repair.url === undefined ? {} : { url: repair.url }),
    },
    evidence: evidence && { expected: evidence.expected, found: evidence.found },
    meta: meta && toMetaBody(meta),
  };
}
