import type { Findings } from "../findings.ts";
import type { Graph } from "../graph.ts";
import { NUMBER_FIELDS, readNumber } from "../read-nodes.ts";
import { outcomeOf, type RepairOutcome, type Repairs, type RepairTools } from "./repair.ts";

export const numberRepairs: Repairs = {
  "number.registered": register,
  "number.pin": replacePin,
  "number.identity_check": switchIdentityCheckOn,
};

/** Meta's registration was seen to take 15 s and more ("Business phone numbers"). */
const REGISTRATION_MS = 60_000;

async function register(findings: Findings, tools: RepairTools): Promise<RepairOutcome> {
  const sender = unregistered(findings);
  return sender === null ? { kind: "not_needed" } : registerWith(tools.newPin(), sender, tools);
}

/** The first sender that is not connected; the repair of the next one is the next repair. */
function unregistered({ meta }: Findings): string | null {
  const sender = meta.senders.find(
    ({ node }) =>
      node.kind === "answered" && (node.value.status !== "CONNECTED" || node.value.platform !== "CLOUD_API"),
  );
  return sender?.id ?? null;
}

/**
 * Registers once. A wrong PIN counts towards a lock and registrations are limited, so a call without an answer is never
 * repeated: the number itself tells whether it came through.
 */
async function registerWith(pin: string, sender: string, tools: RepairTools): Promise<RepairOutcome> {
  const { graph, onRegistration } = tools;
  const body = { messaging_product: "whatsapp", pin };
  const answer = await graph.withTimeout(REGISTRATION_MS).post(`${sender}/register`, body);
  if (answer.kind === "answered" || (answer.kind === "silent" && (await isConnected(graph, sender)))) {
    await onRegistration?.(null);
    return { kind: "repaired", secret: pin };
  }
  if (answer.kind === "refused") await onRegistration?.(answer.error);
  return outcomeOf(answer);
}

async function isConnected(graph: Graph, sender: string): Promise<boolean> {
  const answer = await graph.get(sender, { fields: ["id", ...NUMBER_FIELDS].join() }, readNumber);
  return answer.kind === "answered" && answer.value.status === "CONNECTED";
}

/** A new PIN ends every session that relied on the former one, so someone has to agree to it. */
async function replacePin(findings: Findings, tools: RepairTools): Promise<RepairOutcome> {
  const sender = unregistered(findings);
  if (sender === null) return { kind: "not_needed" };
  if (!tools.mayTakeOver) {
    return {
      kind: "needs_consent",
      sentence: "The number's two-step PIN would be replaced by a new one; the former one no longer works.",
    };
  }
  const pin = tools.newPin();
  const answer = await tools.graph.post(sender, { pin });
  return answer.kind === "answered" ? registerWith(pin, sender, tools) : outcomeOf(answer);
}

async function switchIdentityCheckOn({ settings }: Findings, { graph }: RepairTools): Promise<RepairOutcome> {
  const [sender = ""] = settings.phoneNumberIds;
  const check = { user_identity_change: { enable_identity_key_check: true } };
  return outcomeOf(await graph.post(`${sender}/settings`, check));
}
