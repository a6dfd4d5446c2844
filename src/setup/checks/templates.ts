import { whatsAppPrices } from "../../messages/whatsapp-prices.ts";
import { chooseLanguage } from "../../numbering/locale.ts";
import { STARTER_NAMES, starter } from "../../templates/starter-set/starter-set.ts";
import { NAME_BLOCK_MS } from "../../templates/template.ts";
import type { Findings } from "../findings.ts";
import type { ListedTemplate } from "../meta-nodes.ts";
import type { Check, CheckIdList, Result } from "./check.ts";
import { MESSAGE_TEMPLATES } from "./meta-pages.ts";
import { dayOf, failed, inWords, listed, ok, told, unknown, warning } from "./results.ts";

const GROUNDS: CheckIdList = ["token.assigned", "number.test", "template.eligibility"];

export const templateChecks: readonly Check[] = [
  {
    id: "templates.present",
    severity: "blocks",
    needs: [...GROUNDS, "account.verified"],
    examine: examinePresent,
  },
  { id: "templates.state", severity: "blocks", needs: GROUNDS, examine: examineState },
  { id: "templates.category", severity: "warns", needs: GROUNDS, examine: examineCategory },
  { id: "templates.ttl", severity: "degrades", needs: GROUNDS, examine: examineTimeToLive },
  { id: "templates.name_blocked", severity: "degrades", needs: GROUNDS, examine: examineName },
];

/** The templates that this deployment needs: the starter set, and those that purposes name. */
export function neededTemplates({ settings }: Pick<Findings, "settings">): readonly string[] {
  return [...new Set([...settings.templates.map(({ name }) => name), ...STARTER_NAMES])];
}

/** The languages of the deployment's templates, the default one among them. */
export function neededLanguages(findings: Findings): readonly string[] {
  const names = new Set(neededTemplates(findings));
  const ofTemplates = (told(findings.meta.templates) ?? []).filter(({ name }) => names.has(name));
  return [...new Set([findings.settings.defaultLanguage, ...ofTemplates.map(({ language }) => language)])];
}

/** Statuses of a template that is no more. */
const GONE = ["DELETED", "PENDING_DELETION"];

/** The languages that each template lacks; templates without gaps are left out. */
export function missingTemplates(findings: Findings): ReadonlyMap<string, readonly string[]> {
  const all = (told(findings.meta.templates) ?? []).filter(({ status }) => !GONE.includes(status));
  const languages = neededLanguages(findings);
  const blocked = new Set(blockedNames(findings).map(({ name }) => name));
  const missing = new Map<string, readonly string[]>();
  for (const name of neededTemplates(findings)) {
    if (blocked.has(name)) continue;
    const known = new Set(all.filter((template) => template.name === name).map(({ language }) => language));
    const withoutText = STARTER_NAMES.includes(name) ? starter(name, languages).missingLanguages : [];
    const gaps = languages.filter((language) => !known.has(language) && !withoutText.includes(language));
    if (gaps.length > 0) missing.set(name, gaps);
  }
  return missing;
}

function examinePresent(findings: Findings): Result {
  const { meta, settings } = findings;
  if (meta.templates.kind !== "answered") return unknown(meta.templates);
  const missing = missingTemplates(findings);
  const [first] = missing;
  if (first === undefined) return ok("Every template exists in every language of this deployment.");
  const all = meta.templates.value;
  const whole = [...missing.keys()].filter((name) => !all.some((template) => template.name === name));
  const [name, gaps] = first;
  const instead = chooseLanguage(settings.defaultLanguage, languagesOf(all, name)) ?? "none";
  const sentence =
    whole.length > 0
      ? `${listed(whole)} ${whole.length === 1 ? "does" : "do"} not exist.`
      : `${name} is missing in ${listed(gaps)}: users of ${gaps.length === 1 ? "that language" : "those languages"} get ${instead}.`;
  const isStarter = [...missing.keys()].some((gap) => STARTER_NAMES.includes(gap));
  return failed({
    sentence,
    why: "Meta answers a send of a template that does not exist with 132001.",
    repair: isStarter
      ? { by: "doctor", text: `Create the missing templates: ${listed([...missing.keys()])}.` }
      : { by: "command", text: `Create ${listed([...missing.keys()])} with PUT /v1/templates.` },
    evidence: { expected: neededLanguages(findings), found: { missing: Object.fromEntries(missing) } },
  });
}

function languagesOf(templates: readonly ListedTemplate[], name: string): readonly string[] {
  return templates
    .filter((template) => template.name === name && template.status === "APPROVED")
    .map(({ language }) => language);
}

const BAD_STATUSES = ["REJECTED", "PAUSED", "DISABLED", "PENDING", "IN_APPEAL", "LIMIT_EXCEEDED", "ARCHIVED"];

function examineState(findings: Findings): Result {
  const { meta, settings } = findings;
  if (meta.templates.kind !== "answered") return unknown(meta.templates);
  const all = meta.templates.value;
  const names = neededTemplates(findings);
  const bad = all
    .filter(({ name, status }) => names.includes(name) && BAD_STATUSES.includes(status))
    .toSorted((a, b) => BAD_STATUSES.indexOf(a.status) - BAD_STATUSES.indexOf(b.status));
  const [worst] = bad;
  if (worst === undefined) return ok("No template is in review, rejected, paused or disabled.");
  const reason = worst.rejectedReason === null ? "" : `: ${worst.rejectedReason}`;
  const same = bad.filter(({ name, status }) => name === worst.name && status === worst.status);
  const was = worst.status === "PENDING" ? "is" : "was";
  const state = worst.status === "PENDING" ? "in review" : inWords(worst.status);
  const isCode = settings.templates.some(({ name }) => name === worst.name);
  const mayBeSent = languagesOf(all, worst.name).length > 0;
  return (isCode && !mayBeSent ? failed : warning)({
    sentence: `${worst.name} ${was} ${state}${reason} (${listed(same.map(({ language }) => language))}).`,
    why: "Meta does not send it in that state; another language or template is used in its place where there is one.",
    repair:
      worst.status === "PENDING"
        ? {
            by: "wait",
            text: "Wait for Meta's review of the template, which takes up to a day.",
            url: MESSAGE_TEMPLATES,
          }
        : {
            by: "link",
            text: `See the reason in WhatsApp Manager, Message templates, ${worst.name}, then change its text or ask for a review.`,
            url: MESSAGE_TEMPLATES,
          },
    evidence: {
      expected: "APPROVED",
      found: bad.map(({ name, language, status, rejectedReason }) => ({
        name,
        language,
        status,
        reason: rejectedReason,
      })),
    },
  });
}

function examineCategory(findings: Findings): Result {
  const { meta, settings } = findings;
  if (meta.templates.kind !== "answered") return unknown(meta.templates);
  const codes = new Set(settings.templates.map(({ name }) => name));
  const moved = meta.templates.value.find(({ name, category }) => {
    const asked = codes.has(name) ? "AUTHENTICATION" : categoryAsked(name);
    return asked !== null && category !== asked && category !== "";
  });
  if (moved === undefined) return ok("Every template has the category that was asked for.");
  const country = told(meta.account)?.country ?? null;
  return warning({
    sentence: `Meta has moved ${moved.name} to ${moved.category}: ${priceChange(moved, country)}users can mute it.`,
    why: "Messages of another category cost another price and obey other limits.",
    repair: {
      by: "command",
      text: `Change the text of ${moved.name} so that it is purely factual, or create its successor under another name with PUT /v1/templates.`,
    },
    evidence: { expected: categoryAsked(moved.name) ?? "AUTHENTICATION", found: moved.category },
  });
}

function categoryAsked(name: string): string | null {
  if (!STARTER_NAMES.includes(name)) return null;
  return starter(name, ["en_US"]).draft?.category.toUpperCase() ?? null;
}

function priceChange({ category }: ListedTemplate, country: string | null): string {
  const prices = country === null ? undefined : whatsAppPrices()[country];
  const factor = (prices?.[category.toLowerCase()] ?? 0) / (prices?.utility ?? 1);
  return factor > 1 ? `in ${country} ${factor.toFixed(factor < 2 ? 1 : 0)} times the price, and ` : "";
}

/** Meta's own for a template that names none ("Time to live"). */
const DEFAULT_TTL_SECONDS = 600;
const LONGEST_TTL_SECONDS = 30 * 86_400;

/** Templates that WhatsApp tries to deliver for longer than their codes live, with the time that they should have. */
export function lateTemplates({ settings, meta }: Findings) {
  return settings.templates.flatMap(({ name, purposes, codeLifeSeconds }) => {
    const languages = (told(meta.templates) ?? []).filter((template) => template.name === name);
    const times = languages.map(({ timeToLiveSeconds: seconds }) =>
      seconds === -1 ? LONGEST_TTL_SECONDS : (seconds ?? DEFAULT_TTL_SECONDS),
    );
    const longest = Math.max(0, ...times);
    return longest > codeLifeSeconds ? [{ name, purposes, codeLifeSeconds, longest }] : [];
  });
}

function examineTimeToLive(findings: Findings): Result {
  const { templates } = findings.meta;
  if (templates.kind !== "answered") return unknown(templates);
  const [late] = lateTemplates(findings);
  if (late === undefined) return ok("WhatsApp drops a message once its code has expired.");
  const { name, purposes, codeLifeSeconds, longest } = late;
  return warning({
    sentence: `Codes of ${listed(purposes)} live ${codeLifeSeconds} s, WhatsApp tries for ${longest} s.`,
    why: "A phone that is back online later gets a code that no longer works.",
    repair: { by: "doctor", text: `Set the time to live of ${name} to ${codeLifeSeconds} s.` },
    evidence: { expected: codeLifeSeconds, found: longest },
  });
}

/** Names of deleted templates that Meta does not take again yet. */
export function blockedNames(findings: Findings) {
  const known = new Set((told(findings.meta.templates) ?? []).map(({ name }) => name));
  const deleted = findings.memory?.deletedTemplates ?? {};
  return neededTemplates(findings).flatMap((name) => {
    const until = (deleted[name] ?? 0) + NAME_BLOCK_MS;
    return until > findings.now && !known.has(name) ? [{ name, successor: `${name}_2`, until }] : [];
  });
}

function examineName(findings: Findings): Result | null {
  if (findings.memory === null) return null;
  const known = new Set((told(findings.meta.templates) ?? []).map(({ name }) => name));
  const blocked = blockedNames(findings).find(({ successor }) => !known.has(successor));
  if (blocked === undefined) return ok("No name of a template is blocked.");
  const { name, successor, until } = blocked;
  return warning({
    sentence: `The name ${name} is blocked until ${dayOf(until)}; use ${successor}.`,
    why: "Meta does not take the name of a deleted template for 30 days.",
    repair: {
      by: "doctor",
      text: `Create ${successor}, and name it as template of the purposes that use ${name}.`,
    },
  });
}
