import { DAY_MS } from "../../platform/time.ts";
import type { Findings, SecretShape } from "../findings.ts";
import { unknownField } from "../look.ts";
import type { Check, Repair, Result } from "./check.ts";
import { appDashboard } from "./meta-pages.ts";
import { dayOf, failed, listed, ok, told, unknown, warning } from "./results.ts";

export const settingsChecks: readonly Check[] = [
  {
    id: "secret.app",
    severity: "blocks",
    needs: ["token.valid", "secret.shape", "token.app"],
    examine: examineSecret,
  },
  { id: "secret.shape", severity: "blocks", needs: [], examine: examineShape },
  { id: "ids.kind", severity: "blocks", needs: ["token.valid", "token.scopes"], examine: examineKind },
  { id: "ids.pair", severity: "blocks", needs: ["token.assigned"], examine: examinePair },
  { id: "api.version", severity: "warns", needs: [], examine: examineVersion },
];

function storeSecret(appId: string | undefined): Repair {
  return {
    by: "command",
    text:
      'Copy the app secret from the App dashboard, App settings, Basic, "Show", and store it with ' +
      "`npx wrangler secret put WHATSAPP_APP_SECRET`.",
    url: appDashboard(appId),
  };
}

function examineSecret({ now, settings, memory, meta: { app, secret } }: Findings): Result {
  if (secret.kind === "silent") return unknown(secret);
  const known = told(app);
  if (secret.kind === "refused") {
    return failed({
      sentence: `The app secret is not that of app ${known?.name ?? "of the token"} (webhooks come with wrong signatures).`,
      why: "Sandi refuses every webhook, so it hears neither of deliveries nor of users.",
      repair: storeSecret(known?.id),
      evidence: { expected: "32 hexadecimal characters", found: SHOWN_SHAPES[settings.appSecret] },
      meta: secret.error,
    });
  }
  const { rightSignatureAt = null, wrongSignatureAt = null } = memory ?? {};
  const isWrongNow =
    wrongSignatureAt !== null && wrongSignatureAt > Math.max(rightSignatureAt ?? 0, now - DAY_MS);
  if (!isWrongNow) return ok(`The app secret is that of app ${secret.value.name}.`);
  return warning({
    sentence: `Webhooks come with wrong signatures, although the app secret is that of app ${secret.value.name}.`,
    why: "Another app, or a stranger, sends to this address; Sandi refuses it.",
    repair: {
      by: "link",
      text: "Look in the App dashboards for another app whose webhook has this deployment's address, and remove it there.",
      url: appDashboard(undefined),
    },
  });
}

const SHOWN_SHAPES: Readonly<Record<SecretShape, string>> = {
  secret: "those of another app",
  id: "digits",
  token: "a token",
  other: "a text of another form",
};

const SHAPES: Partial<Readonly<Record<SecretShape, string>>> = {
  id: "holds an app id",
  token: "holds a token",
};

/** A text of another form is not judged here: the simulator has one, and Meta itself tells whether it is right. */
function examineShape({ settings, meta }: Findings): Result {
  const mistake = SHAPES[settings.appSecret];
  if (mistake === undefined || told(meta.secret) !== null) {
    return ok("WHATSAPP_APP_SECRET is neither an id nor a token.");
  }
  return failed({
    sentence: `WHATSAPP_APP_SECRET ${mistake}.`,
    why: "No webhook of Meta is signed with it, so Sandi refuses them all.",
    repair: storeSecret(told(meta.app)?.id),
    evidence: { expected: "32 hexadecimal characters", found: settings.appSecret },
  });
}

function examineKind(findings: Findings): Result {
  const { settings, meta } = findings;
  const mistake = mistakenId(findings);
  if (mistake === null) {
    const [sender] = meta.senders;
    if (meta.account.kind === "silent") return unknown(meta.account);
    if (sender?.node.kind === "silent") return unknown(sender.node);
    return ok("Both ids are of their kind.");
  }
  return failed({
    sentence: mistake,
    why: "Meta knows no such number or account, so every call fails.",
    repair: {
      by: "command",
      text:
        "Copy the phone number ID and the WhatsApp Business Account ID from the App dashboard, WhatsApp, API Setup, " +
        "into wrangler.toml, and deploy.",
      url: appDashboard(told(meta.app)?.id),
    },
    evidence: {
      expected: {
        WHATSAPP_PHONE_NUMBER_ID: "a phone number",
        WHATSAPP_BUSINESS_ACCOUNT_ID: "a WhatsApp account",
      },
      found: {
        WHATSAPP_PHONE_NUMBER_ID: settings.phoneNumberIds[0],
        WHATSAPP_BUSINESS_ACCOUNT_ID: settings.businessAccountId,
      },
    },
  });
}

function mistakenId({ settings, meta }: Findings): string | null {
  const account = settings.businessAccountId;
  const [sender = ""] = settings.phoneNumberIds;
  const appId = told(meta.app)?.id;
  const reached = told(meta.token)?.accounts ?? [];
  if (account === appId) return "WHATSAPP_BUSINESS_ACCOUNT_ID holds an app id.";
  if (sender === appId) return "WHATSAPP_PHONE_NUMBER_ID holds an app id.";
  const isAccountANumber = typeIn(meta.account) === "WhatsAppBusinessPhoneNumber";
  const isSenderAnAccount =
    reached.includes(sender) || typeIn(meta.senders[0]?.node) === "WhatsAppBusinessAccount";
  if (isAccountANumber && isSenderAnAccount) return "The two ids are swapped.";
  if (isAccountANumber) return "WHATSAPP_BUSINESS_ACCOUNT_ID holds the id of a phone number.";
  return isSenderAnAccount ? "WHATSAPP_PHONE_NUMBER_ID holds the id of a WhatsApp account." : null;
}

/** The kind of node that Meta found where it refused to read fields of another kind. */
function typeIn(
  answer: Findings["meta"]["account"] | Findings["meta"]["senders"][number]["node"] | undefined,
) {
  return answer?.kind === "refused" ? (unknownField(answer.error.message)?.type ?? null) : null;
}

function examinePair({ settings, meta: { numbers, account } }: Findings): Result {
  if (numbers.kind !== "answered") return unknown(numbers);
  const known = numbers.value.map(({ id }) => id);
  const foreign = settings.phoneNumberIds.filter((id) => !known.includes(id));
  if (foreign.length === 0) return ok("The number belongs to the WhatsApp account.");
  return failed({
    sentence: "The number belongs to another WhatsApp account, so its templates are elsewhere.",
    why: "Meta answers every send with 132001: the template does not exist.",
    repair: {
      by: "command",
      text: `Set WHATSAPP_PHONE_NUMBER_ID to a number of WhatsApp account ${told(account)?.name ?? settings.businessAccountId}${known.length === 0 ? "" : `, such as ${listed(known)}`}, and deploy.`,
    },
    evidence: { expected: known, found: foreign },
  });
}

/**
 * The end of each version of the Graph API, two years after its successor came; of the newest ones it is not known
 * yet. Source: Meta's changelog of the Graph API as of October 2026; v22.0 to v24.0 follow from that rule.
 */
const VERSION_ENDS: readonly (readonly [version: string, end: string | null])[] = [
  ["v26.0", null],
  ["v25.0", "2028-07-29"],
  ["v24.0", "2028-02-18"],
  ["v23.0", "2027-10-08"],
  ["v22.0", "2027-05-29"],
  ["v21.0", "2027-01-21"],
  ["v20.0", "2026-09-24"],
];
const NEWEST_VERSION = "v26.0";
const SOON_MS = 120 * DAY_MS;

function examineVersion({ now, settings }: Findings): Result {
  const { apiVersion } = settings;
  const known = VERSION_ENDS.find(([version]) => version === apiVersion);
  const isNewer = majorOf(apiVersion) >= majorOf(NEWEST_VERSION);
  const end = known?.[1] ?? (known !== undefined || isNewer ? null : "2026-09-24");
  const endsAt = end === null ? null : Date.parse(end);
  if (endsAt === null || endsAt > now + SOON_MS) return ok(`Graph API ${apiVersion} is current.`);
  const fault = {
    sentence: `${apiVersion} ${endsAt > now ? "ends" : "has ended"} on ${dayOf(endsAt)}: set ${NEWEST_VERSION}.`,
    why: "Meta then answers calls of that version as if they were of a later one.",
    repair: {
      by: "command",
      text: `Set WHATSAPP_API_VERSION = "${NEWEST_VERSION}" in wrangler.toml, and deploy.`,
    },
    evidence: { expected: NEWEST_VERSION, found: apiVersion },
  } as const;
  return warning(fault);
}

function majorOf(version: string): number {
  return Number.parseFloat(version.slice(1));
}
