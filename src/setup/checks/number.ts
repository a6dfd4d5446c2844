import { DAY_MS } from "../../platform/time.ts";
import type { Findings } from "../findings.ts";
import type { NumberNode } from "../meta-nodes.ts";
import type { Check, Result } from "./check.ts";
import { appDashboard, PHONE_NUMBERS } from "./meta-pages.ts";
import { failed, inWords, ok, told, unknown, warning } from "./results.ts";

export const numberChecks: readonly Check[] = [
  {
    id: "number.registered",
    severity: "blocks",
    needs: ["ids.pair", "account.restricted", "number.verified", "number.pin"],
    examine: (findings) => examineEach(findings, examineRegistered),
  },
  {
    id: "number.pin",
    severity: "blocks",
    needs: ["ids.pair", "number.verified"],
    examine: (findings) => examineEach(findings, examinePin),
  },
  {
    id: "number.verified",
    severity: "blocks",
    needs: ["ids.pair"],
    examine: (findings) => examineEach(findings, examineVerified),
  },
  {
    id: "number.test",
    severity: "blocks",
    needs: ["ids.pair"],
    examine: (findings) => examineEach(findings, examineTest),
  },
  {
    id: "number.name",
    severity: "blocks",
    needs: ["ids.pair", "number.test"],
    examine: (findings) => examineEach(findings, examineName),
  },
  {
    id: "number.quality",
    severity: "warns",
    needs: ["ids.pair"],
    examine: (findings) => examineEach(findings, examineQuality),
  },
  {
    id: "number.shared",
    severity: "degrades",
    needs: ["ids.pair"],
    examine: (findings) => examineEach(findings, examineShared),
  },
  { id: "number.agent", severity: "degrades", needs: ["webhook.account"], examine: examineAgent },
  { id: "number.identity_check", severity: "warns", needs: ["ids.pair"], examine: examineIdentity },
  { id: "number.badge", severity: "informs", needs: ["ids.pair", "number.test"], examine: examineBadge },
];

interface Subject {
  readonly node: NumberNode;
  /** How a sentence names it: with its digits where there are several. */
  readonly the: string;
}

/** The worst result of the team's senders. */
function examineEach(findings: Findings, examine: (subject: Subject, findings: Findings) => Result): Result {
  const { senders } = findings.meta;
  const isOnly = senders.length === 1;
  const results = senders.map(({ id, node }) => {
    if (node.kind !== "answered") return unknown(node);
    const the = isOnly ? "The number" : `The number ${node.value.maskedNumber ?? id}`;
    return examine({ node: node.value, the }, findings);
  });
  for (const state of ["failed", "warning", "unknown"] as const) {
    const result = results.find((candidate) => candidate.state === state);
    if (result !== undefined) return result;
  }
  return results[0] ?? unknown("No sender is configured.");
}

/** States in which a number is not registered; others are those of a restricted account, or pass. */
const UNREGISTERED = ["PENDING", "DISCONNECTED", "UNVERIFIED", "MIGRATED", "DELETED"];

function isConnected({ status, platform }: NumberNode): boolean {
  const isOnCloud = platform === null || platform === "CLOUD_API";
  return isOnCloud && !UNREGISTERED.includes(status ?? "");
}

function examineRegistered({ node, the }: Subject): Result {
  if (isConnected(node)) return ok(`${the} is registered for the Cloud API.`);
  return failed({
    sentence: `${the} is not registered for the Cloud API yet.`,
    why: "Meta answers every send with 133010.",
    repair: { by: "doctor", text: `Register ${lower(the)} with a new two-step PIN, which is shown once.` },
    evidence: {
      expected: { status: "CONNECTED", platform_type: "CLOUD_API" },
      found: { status: node.status, platform_type: node.platform },
    },
  });
}

/** The PIN is another one, was guessed too often, or too fast. */
const PIN_CODES = [133005, 133008, 133009];

function examinePin({ node, the }: Subject, { memory }: Findings): Result {
  const refusal = memory?.registrationRefusal ?? null;
  if (isConnected(node) || refusal === null || !PIN_CODES.includes(refusal.code)) {
    return ok(`No two-step PIN keeps ${lower(the)} from its registration.`);
  }
  return failed({
    sentence: `${the} has a two-step PIN that is not this one. Set a new one; guessing locks it.`,
    why: "Meta registers a number with its PIN only.",
    repair: {
      by: "doctor",
      text: `Set a new two-step PIN for ${lower(the)} and register it with that, for which the doctor needs your consent.`,
    },
    meta: { code: refusal.code, subcode: null, message: "", trace: null },
  });
}

function examineVerified({ node, the }: Subject): Result {
  if (node.codeVerification === "VERIFIED" || node.codeVerification === null || node.status === "CONNECTED") {
    return ok(`Meta knows that ${lower(the)} is yours.`);
  }
  return failed({
    sentence: "Meta has not verified that the number is yours: ask for a code by SMS or call.",
    why: "Meta registers a number only after it was verified (133006).",
    repair: {
      by: "link",
      text: `Verify ${lower(the)} in WhatsApp Manager, Phone numbers, "Verify", with a code by SMS or call.`,
      url: PHONE_NUMBERS,
    },
    evidence: { expected: "VERIFIED", found: node.codeVerification },
  });
}

function examineTest({ node, the }: Subject, { meta }: Findings): Result {
  if (node.mode !== "SANDBOX") return ok(`${the} is one of your own.`);
  return failed({
    sentence: "This is Meta's test number: five recipients, no codes.",
    why: "It shows that webhook and signature work, and sends to five listed people only.",
    repair: {
      by: "link",
      text: 'Add a phone number of your own in the App dashboard, WhatsApp, API Setup, "Add phone number".',
      url: appDashboard(told(meta.app)?.id),
    },
    evidence: { expected: "LIVE", found: node.mode },
  });
}

const NAME_NEEDED_CODE = "131037";
const REVIEW: Readonly<Record<string, string>> = {
  PENDING_REVIEW: "in review",
  PENDING: "in review",
  NONE: "not set",
  NON_EXISTS: "not set",
};

function examineName({ node, the }: Subject, { memory }: Findings): Result {
  const { name, nameStatus, isGivenByMeta } = node;
  const isApproved = nameStatus === "APPROVED" || nameStatus === null;
  const isRefused = memory?.errors.some(({ code }) => code === NAME_NEEDED_CODE) === true;
  const isFree = nameStatus === "AVAILABLE_WITHOUT_REVIEW" && !isGivenByMeta;
  if (isApproved || (isFree && !isRefused))
    return ok(`${the} has the display name ${name ?? "that Meta approved"}.`);
  const state = REVIEW[nameStatus ?? ""] ?? inWords(nameStatus);
  const isStopped = isGivenByMeta || isRefused;
  const effect = isGivenByMeta ? "; a +1 555 number sends nothing" : "; Meta sends nothing";
  return (isStopped ? failed : warning)({
    sentence: `The display name ${name ?? ""} is ${state}${isStopped ? `${effect} before it is approved` : ""}.`,
    why: isStopped ? "Meta answers every send with 131037." : "People see the number in place of the name.",
    repair: {
      by: state === "in review" ? "wait" : "link",
      text:
        state === "in review"
          ? "Wait for Meta's review of the display name, which takes up to two days."
          : 'Ask for another display name in WhatsApp Manager, Phone numbers, the number, Profile, "Edit".',
      url: PHONE_NUMBERS,
    },
    evidence: { expected: "APPROVED", found: nameStatus },
  });
}

const GOOD_QUALITY = ["GREEN", "UNKNOWN", "NA"];

function examineQuality({ node, the }: Subject): Result {
  const { quality } = node;
  if (quality === null || GOOD_QUALITY.includes(quality)) return ok(`${the} has good quality.`);
  return warning({
    sentence: `Quality is ${quality}: Meta may lower the limit.`,
    why: "Users have blocked or reported messages of the last seven days.",
    repair: {
      by: "wait",
      text: "Send fewer messages that people did not ask for: Meta rates the last seven days, in WhatsApp Manager, Phone numbers.",
      url: PHONE_NUMBERS,
    },
    evidence: { expected: "GREEN", found: quality },
  });
}

function examineShared({ node, the }: Subject): Result {
  if (node.isOnBusinessApp !== true) return ok(`${the} is used by the Cloud API alone.`);
  return warning({
    sentence: `${the} is also in the Business app: 20 messages a second at most.`,
    why: "Beyond that Meta answers with 130429, so that codes wait or go by another channel.",
    repair: {
      by: "link",
      text: "Set messages_per_second = 20 for this sender, or disconnect the Business app in its Settings, Account, Business platform.",
      url: PHONE_NUMBERS,
    },
    evidence: { expected: false, found: true },
  });
}

function examineAgent({ now, memory }: Findings): Result | null {
  if (memory === null) return null;
  const { standbyAt } = memory;
  if (standbyAt === null || standbyAt < now - DAY_MS) return ok("Sandi hears the users of this number.");
  return warning({
    sentence: "Meta's Business Agent answers on this number; Sandi does not hear users.",
    why: "Message-first verification and STOP do not work: their messages go to the agent.",
    repair: {
      by: "link",
      text: "Turn the Business Agent off for this number in WhatsApp Manager, Business AI.",
      url: PHONE_NUMBERS,
    },
  });
}

function examineIdentity({ settings, meta: { identityCheck } }: Findings): Result | null {
  if (!settings.asksIdentity) return null;
  if (identityCheck.kind !== "answered") return unknown(identityCheck);
  if (identityCheck.value) return ok("Meta tells when a user's phone has changed.");
  return warning({
    sentence: "Bind-to-device is asked for, but Meta's identity check is off.",
    why: "Meta does not tell when a user's phone has changed, so GUARD.identity_change does nothing.",
    repair: { by: "doctor", text: "Switch Meta's identity check on for the number." },
    evidence: { expected: true, found: false },
  });
}

function examineBadge({ meta: { badge, senders } }: Findings): Result {
  if (told(senders[0]?.node ?? unasked)?.isOfficial === true) return ok("The number has the blue tick.");
  if (badge.kind !== "answered") return unknown(badge);
  const evidence = { expected: "APPROVED", found: badge.value };
  if (badge.value === "APPROVED") return ok("The number has the blue tick.", evidence);
  if (badge.value !== "REJECTED") {
    const state = badge.value === "PENDING" ? "in review" : "not asked for";
    return ok(`No blue tick: ${state}.`, evidence);
  }
  return warning({
    sentence: "No blue tick: refused, again 30 days after the last request.",
    why: "Meta gives it to businesses that are known; codes go out without it.",
    repair: {
      by: "link",
      text: "Ask for the blue tick again in WhatsApp Manager, Phone numbers, the number, Profile, 30 days after the last request.",
      url: PHONE_NUMBERS,
    },
    evidence,
  });
}

const unasked = { kind: "silent", reason: "No sender is configured" } as const;

/** A subject in the middle of a sentence. */
function lower(subject: string): string {
  return subject.replace(/^The/, "the");
}
