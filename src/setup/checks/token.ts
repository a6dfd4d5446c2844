import type { Findings } from "../findings.ts";
import type { MetaError } from "../graph.ts";
import type { Check, Repair, Result } from "./check.ts";
import { SYSTEM_USERS, WHATSAPP_ACCOUNTS } from "./meta-pages.ts";
import { dayOf, failed, listed, ok, told, unknown, warning } from "./results.ts";

/** Meta's codes for a token that it does not take ("Error codes", "Access tokens"). */
const INVALID_TOKEN: readonly number[] = [0, 102, 190];

const SCOPES = ["whatsapp_business_management", "whatsapp_business_messaging"];
/** Either of them allows to manage templates. */
const TEMPLATE_TASKS = ["MANAGE", "MANAGE_TEMPLATES"];

function newToken(what: string): Repair {
  return {
    by: "command",
    text:
      `${what}: Business settings, Users, System users, "Generate new token" with expiry "never", then store it with ` +
      "`npx wrangler secret put WHATSAPP_ACCESS_TOKEN`.",
    url: SYSTEM_USERS,
  };
}

export const tokenChecks: readonly Check[] = [
  { id: "token.valid", severity: "blocks", needs: [], examine: examineValid },
  { id: "token.lasting", severity: "warns", needs: ["token.valid"], examine: examineLasting },
  { id: "token.scopes", severity: "blocks", needs: ["token.valid"], examine: examineScopes },
  {
    id: "token.assigned",
    severity: "blocks",
    needs: ["token.valid", "token.scopes", "ids.kind"],
    examine: examineAssigned,
  },
  { id: "token.tasks", severity: "degrades", needs: ["token.assigned"], examine: examineTasks },
  { id: "token.app", severity: "blocks", needs: ["token.valid", "secret.shape"], examine: examineApp },
];

function examineValid({ meta: { token, app } }: Findings): Result {
  const known = told(token);
  if (known?.isValid === true) return ok("The access token is valid.");
  if (known !== null) return invalid(known.expiresAt, undefined);
  for (const answer of [token, app]) {
    if (answer.kind === "refused" && INVALID_TOKEN.includes(answer.error.code))
      return invalid(null, answer.error);
  }
  return token.kind === "answered" ? unknown("Meta did not say whether the token is valid.") : unknown(token);
}

function invalid(since: number | null, meta: MetaError | undefined): Result {
  const when = since === null ? "" : ` since ${dayOf(since)}`;
  return failed({
    sentence: `The access token is expired or withdrawn${when}.`,
    why: "Meta refuses every call, so no code goes out on WhatsApp.",
    repair: newToken("Replace the access token with a system user's"),
    ...(meta === undefined ? {} : { meta }),
  });
}

function examineLasting({ meta: { token } }: Findings): Result {
  if (token.kind !== "answered") return unknown(token);
  const { expiresAt, type } = token.value;
  const isOfSystem = type === "SYSTEM_USER";
  if (expiresAt === null && isOfSystem) return ok("The access token is a system user's and does not end.");
  const evidence = {
    expected: { type: "SYSTEM_USER", expires: "never" },
    found: { type, expires: expiresAt === null ? "never" : dayOf(expiresAt) },
  };
  return warning({
    sentence:
      expiresAt === null
        ? "The token is a person's: it ends with their password or their role."
        : isOfSystem
          ? `The token ends on ${dayOf(expiresAt)}. Make one that does not.`
          : `The token ends on ${dayOf(expiresAt)}: it is the dashboard's test token. Make a system user's.`,
    why: "From then on Meta refuses every call.",
    repair: newToken("Make a system user's token that does not end"),
    evidence,
  });
}

function examineScopes({ meta: { token } }: Findings): Result {
  if (token.kind !== "answered") return unknown(token);
  const { scopes } = token.value;
  const missing = SCOPES.filter((scope) => !scopes.includes(scope));
  if (missing.length === 0) return ok("The token has both permissions.");
  return failed({
    sentence: `The token lacks ${listed(missing)}.`,
    why: "Without it Meta refuses to send, or to tell anything of the account.",
    repair: newToken(`Make a token with ${listed(SCOPES)}`),
    evidence: { expected: SCOPES, found: scopes },
  });
}

function examineAssigned({ settings, meta: { token, account } }: Findings): Result {
  const id = settings.businessAccountId;
  const reached = told(token)?.accounts ?? null;
  const isExcluded = reached !== null && !reached.includes(id);
  if (account.kind === "silent") return unknown(account);
  if (account.kind === "answered" && !isExcluded)
    return ok(`The token reaches WhatsApp account ${nameOf(account.value)}.`);
  return failed({
    sentence: `The token's system user has no access to WhatsApp account ${id}.`,
    why: "Meta answers as if the account did not exist.",
    repair: {
      by: "link",
      text:
        `Give the system user full control of WhatsApp account ${id} in Business settings, Accounts, WhatsApp ` +
        "accounts, then make a new token.",
      url: WHATSAPP_ACCOUNTS,
    },
    evidence: { expected: id, found: reached },
    ...(account.kind === "refused" ? { meta: account.error } : {}),
  });
}

export function nameOf({ id, name }: { readonly id: string; readonly name: string | null }): string {
  return name ?? id;
}

function examineTasks({ meta: { token, assignedUsers } }: Findings): Result {
  if (assignedUsers.kind !== "answered") return unknown(assignedUsers);
  const userId = told(token)?.userId;
  const user = assignedUsers.value.find(({ id }) => id === userId);
  if (user === undefined) return unknown("Meta does not list the token's user among those of the account.");
  if (TEMPLATE_TASKS.some((task) => user.tasks.includes(task)))
    return ok("The system user may manage templates.");
  return warning({
    sentence: "The system user may send but not manage templates: give it full control.",
    why: "Sandi can neither create the templates nor change them.",
    repair: {
      by: "link",
      text: `Give the system user ${nameOf(user)} full control of the WhatsApp account in Business settings, System users.`,
      url: SYSTEM_USERS,
    },
    evidence: { expected: TEMPLATE_TASKS, found: user.tasks },
  });
}

function examineApp({ meta: { app, secret, otherAppOfSecret } }: Findings): Result {
  if (otherAppOfSecret !== null) {
    const ofToken = told(app)?.name ?? "another";
    return failed({
      sentence: `Token and app secret belong to different apps: the token to ${ofToken}, the secret to ${otherAppOfSecret.name}.`,
      why: "Webhooks of the one app never come with a signature of the other.",
      repair: newToken(`Make a token for app ${otherAppOfSecret.name}, or take the secret of app ${ofToken}`),
      evidence: { expected: otherAppOfSecret.id, found: told(app)?.id ?? null },
    });
  }
  if (secret.kind === "answered") return ok(`Token and app secret belong to app ${secret.value.name}.`);
  return unknown(secret.kind === "silent" ? secret : "No app is known that the app secret belongs to.");
}
