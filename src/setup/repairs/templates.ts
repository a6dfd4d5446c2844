import * as z from "zod";
import { starter } from "../../templates/starter-set/starter-set.ts";
import { settingsIn } from "../../templates/whatsapp/listing.ts";
import { upsertPayload } from "../../templates/whatsapp/payloads.ts";
import { blockedNames, lateTemplates, missingTemplates, neededLanguages } from "../checks/templates.ts";
import type { Findings } from "../findings.ts";
import { outcomeOf, type RepairOutcome, type Repairs, type RepairTools } from "./repair.ts";

export const templateRepairs: Repairs = {
  "template.eligibility": createMissing,
  "templates.present": createMissing,
  "templates.ttl": shortenTimeToLive,
  "templates.name_blocked": createSuccessors,
};

async function createMissing(findings: Findings, { createTemplates }: RepairTools): Promise<RepairOutcome> {
  if (createTemplates === undefined) {
    return {
      kind: "by_hand",
      sentence: "Create the templates through the deployment: npm run templates:setup.",
    };
  }
  const missing = [...missingTemplates(findings).keys()];
  return createTemplates(missing, neededLanguages(findings));
}

/** The kind of a button stands in its address once the template exists. */
const COPY_CODE = /otp_type=COPY_CODE/i;

/** Writes the templates anew with another time to live, where the options that the write replaces are known. */
async function shortenTimeToLive(findings: Findings, { graph }: RepairTools): Promise<RepairOutcome> {
  const { meta, settings } = findings;
  const all = meta.templates.kind === "answered" ? meta.templates.value : [];
  for (const { name, codeLifeSeconds } of lateTemplates(findings)) {
    const languages = all.filter((template) => template.name === name);
    const [first] = languages;
    if (first === undefined) continue;
    const node = await graph.get(first.id, { fields: "id,components" }, componentsIn);
    if (node.kind !== "answered") return outcomeOf(node);
    if (first.category !== "AUTHENTICATION" || !COPY_CODE.test(JSON.stringify(node.value))) {
      return {
        kind: "by_hand",
        sentence: `Set message_send_ttl_seconds of ${name} to ${codeLifeSeconds} with PUT /v1/templates/${name}, which has its own button.`,
      };
    }
    const options = settingsIn(node.value);
    const payload = upsertPayload(name, {
      category: "authentication",
      languages: languages.map(({ language }) => language),
      button: "copy_code",
      supported_apps: [],
      zero_tap_terms_accepted: false,
      code_expiration_minutes: options.code_expiration_minutes,
      add_security_recommendation: options.add_security_recommendation ?? false,
      message_send_ttl_seconds: codeLifeSeconds,
    });
    const answer = await graph.post(`${settings.businessAccountId}/upsert_message_templates`, payload);
    if (answer.kind !== "answered") return outcomeOf(answer);
  }
  return { kind: "repaired" };
}

function componentsIn(body: unknown): unknown[] | null {
  return z.object({ components: z.array(z.unknown()) }).safeParse(body).data?.components ?? null;
}

/** Creates the successors of codes' templates; a utility text is the team's to name. */
async function createSuccessors(findings: Findings, { graph }: RepairTools): Promise<RepairOutcome> {
  const languages = neededLanguages(findings);
  for (const { name, successor } of blockedNames(findings)) {
    const { draft } = starter(name, languages);
    if (draft?.category !== "authentication") {
      return { kind: "by_hand", sentence: `Create ${name} under another name with PUT /v1/templates.` };
    }
    const path = `${findings.settings.businessAccountId}/upsert_message_templates`;
    const answer = await graph.post(path, upsertPayload(successor, draft));
    if (answer.kind !== "answered") return outcomeOf(answer);
  }
  return { kind: "repaired" };
}
