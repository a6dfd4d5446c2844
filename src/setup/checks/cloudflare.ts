import type { WebAnswer } from "../cloudflare-findings.ts";
import type { Findings } from "../findings.ts";
import { hostOf, webhookUrl } from "../webhook-address.ts";
import type { Check, Result } from "./check.ts";
import { failed, listed, ok, unknown, warning } from "./results.ts";

const DASHBOARD = "https://dash.cloudflare.com/";

/** What wrangler.toml requires. */
export const REQUIRED_SECRETS: readonly string[] = [
  "SECRET_KEY",
  "ADMIN_KEY",
  "WHATSAPP_ACCESS_TOKEN",
  "WHATSAPP_APP_SECRET",
  "WHATSAPP_VERIFY_TOKEN",
];

/** Cloudflare's side as the command line sees it. The Worker has no login and does not load this file. */
export const cloudflareChecks: readonly Check[] = [
  { id: "cf.token", severity: "blocks", needs: [], examine: examineToken },
  { id: "cf.subdomain", severity: "blocks", needs: ["cf.token"], examine: examineSubdomain },
  { id: "cf.secrets", severity: "blocks", needs: ["cf.token"], examine: examineSecrets },
  { id: "cf.plan", severity: "warns", needs: [], examine: examinePlan },
  { id: "cf.url", severity: "blocks", needs: ["cf.subdomain", "cf.secrets"], examine: examineUrl },
  { id: "cf.access", severity: "blocks", needs: ["cf.url"], examine: examineAccess },
];

function examineToken({ cloudflare }: Findings): Result | null {
  if (cloudflare === null) return null;
  const { isLoggedIn, missingPermissions: missing } = cloudflare;
  if (!isLoggedIn) {
    return unknown(
      "Cloudflare's side was not examined: run `npx wrangler login`, or set CLOUDFLARE_API_TOKEN.",
    );
  }
  if (missing.length === 0) return ok("Wrangler may do what a deploy needs.");
  return failed({
    sentence: `The Cloudflare token lacks ${listed(missing)}.`,
    why: "Deploys fail, or leave out what they may not create.",
    repair: {
      by: "link",
      text: `Add ${listed(missing)} to the token in the Cloudflare dashboard, My Profile, API Tokens.`,
      url: `${DASHBOARD}profile/api-tokens`,
    },
    evidence: {
      expected: [
        "Workers Scripts: edit",
        "Workers KV Storage: edit",
        "D1: edit",
        "Queues: edit",
        "Account Settings: read",
      ],
      found: { missing },
    },
  });
}

function examineSubdomain({ cloudflare }: Findings): Result | null {
  const hasSubdomain = cloudflare?.hasSubdomain ?? null;
  if (hasSubdomain === null) return null;
  if (hasSubdomain) return ok("The account has a workers.dev name.");
  return failed({
    sentence: "Register a workers.dev name first: Cloudflare dashboard, Workers & Pages.",
    why: "Without it a Worker has no address, and the deploy stops.",
    repair: {
      by: "link",
      text: "Register a workers.dev name in the Cloudflare dashboard, Workers & Pages, or deploy to a domain of your own.",
      url: `${DASHBOARD}?to=/:account/workers/onboarding`,
    },
  });
}

function examineSecrets({ cloudflare }: Findings): Result | null {
  const names = cloudflare?.secretNames ?? null;
  if (names === null) return null;
  const missing = REQUIRED_SECRETS.filter((name) => !names.includes(name));
  if (missing.length === 0) return ok("The Worker has every secret that it requires.");
  return failed({
    sentence: `The required ${missing.length === 1 ? "secret" : "secrets"} ${listed(missing, 5)} ${missing.length === 1 ? "has" : "have"} not been set.`,
    why: "The Worker does not start, and Cloudflare refuses the next deploy.",
    repair: {
      by: "command",
      text: `Run ${listed(
        missing.map((name) => `\`npx wrangler secret put ${name}\``),
        5,
      )}, or \`npm run setup\`.`,
    },
    evidence: { expected: REQUIRED_SECRETS, found: names.filter((name) => REQUIRED_SECRETS.includes(name)) },
  });
}

/** Cloudflare's free plan, 2026: queue operations a day, of which an event costs a write, a read and a delete. */
const FREE_QUEUE_OPERATIONS = 10_000;
/** Counted by `npm run bench:cost`. */
const OPERATIONS_PER_CODE = 3;
const MUCH_OF_PLAN = 0.7;

function examinePlan({ cloudflare }: Findings): Result | null {
  const usage = cloudflare?.usage ?? null;
  if (usage === null) return null;
  const most = Math.floor(FREE_QUEUE_OPERATIONS / OPERATIONS_PER_CODE / 100) * 100;
  const evidence = { expected: `below ${most} codes a day`, found: usage.codesToday };
  if (usage.plan === "paid") return ok("The account is on a paid plan.", evidence);
  if (usage.codesToday < most * MUCH_OF_PLAN) return ok("The day's codes fit into the free plan.", evidence);
  const subject = usage.plan === "free" ? "The free plan's" : "On the free plan,";
  return warning({
    sentence: `${subject} queue operations end near ${most.toLocaleString("en-US")} codes a day; ${usage.codesToday.toLocaleString("en-US")} were started.`,
    why: "Beyond that Cloudflare takes no more events until midnight UTC, so that codes are refused with 503.",
    repair: {
      by: "link",
      text: "Change to the Workers Paid plan in the Cloudflare dashboard, Workers & Pages, Plans.",
      url: `${DASHBOARD}?to=/:account/workers/plans`,
    },
    evidence,
  });
}

function examineUrl(findings: Findings): Result | null {
  const health = findings.cloudflare?.health ?? null;
  if (health === null) return null;
  const url = findings.settings.publicUrl ?? "the deployment";
  if (health.kind === "answered" && (health.isOurs || health.redirectHost !== null))
    return ok(`${url} answers.`);
  return failed({
    sentence: `Meta cannot reach ${url}: ${reasonOf(health)}.`,
    why: "Webhooks do not arrive, and no app can start a code.",
    repair: {
      by: "command",
      text: isOwnFault(health)
        ? "Run `npx wrangler tail`: the log names the setting that keeps the Worker from its start."
        : "Run `npm run deploy`, and look at Workers & Pages, sandi, Settings, Domains & Routes for the address and its certificate.",
    },
    evidence: { expected: 200, found: health.kind === "answered" ? health.status : health.reason },
  });
}

const OWN_FAULT = 500;

function isOwnFault(answer: WebAnswer): boolean {
  return answer.kind === "answered" && answer.status === OWN_FAULT;
}

/** What Cloudflare answers in place of a Worker. */
const STATUS_REASONS: Readonly<Record<number, string>> = {
  404: "no Worker answers there",
  500: "the Worker does not start, because a setting is missing or invalid",
  522: "the domain leads to a server that does not answer",
  526: "the certificate of the domain is not valid",
  530: "the domain leads to no server (1016)",
};

function reasonOf(answer: WebAnswer): string {
  if (answer.kind === "unreachable") return answer.reason;
  return STATUS_REASONS[answer.status] ?? `it answers ${answer.status}`;
}

function examineAccess(findings: Findings): Result | null {
  const webhook = findings.cloudflare?.webhook ?? null;
  if (webhook === null) return null;
  if (webhook.kind === "unreachable")
    return unknown(`The webhook's address could not be asked: ${webhook.reason}.`);
  if (webhook.isOurs) return ok("Nothing stands before the webhook.");
  const found = webhook.redirectHost === null ? `${webhook.status}` : `a redirect to ${webhook.redirectHost}`;
  return failed({
    sentence: `Cloudflare Access, a WAF rule or bot fight mode stands before the webhook: it answers ${found}.`,
    why: "Meta gets a login page in place of the handshake's answer, and its webhooks do not arrive.",
    repair: {
      by: "link",
      text: `Let requests to ${hostOf(webhookUrl(findings) ?? "")}/webhooks/whatsapp pass in the Cloudflare dashboard: Zero Trust, Access, and Security, WAF.`,
      url: DASHBOARD,
    },
    evidence: { expected: "an answer of Sandi", found },
  });
}
