import type { E164 } from "../../numbering/e164.ts";
import { readNumber } from "../../numbering/read-number.ts";
import { isLoopbackHost, isSecureUrl } from "../../platform/secure-url.ts";
import { languageList } from "../../templates/draft.ts";

/** What the command line and the environment ask for. */
export interface Options {
  /** Whether no one is asked anything. */
  readonly isUnattended: boolean;
  readonly remove: boolean;
  /** Where Meta is; another address than Meta's own only in tests. */
  readonly baseUrl: string;
  readonly accessToken: string | null;
  readonly appSecret: string | null;
  readonly adminKey: string | null;
  readonly verifyToken: string | null;
  readonly phoneNumberId: string | null;
  readonly businessAccountId: string | null;
  /** WhatsApp's codes; null for the default. */
  readonly languages: readonly string[] | null;
  readonly testTo: E164 | null;
  readonly domain: string | null;
  /** Where the deployment answers; null to take it from wrangler. */
  readonly url: string | null;
  /** Whether this run deploys, or continues with a deployment that exists at `url`. */
  readonly deploys: boolean;
  readonly replacesIds: boolean;
  readonly acceptsTemporaryToken: boolean;
  readonly wantsNewAdminKey: boolean;
  /** What to do where another project has the app's webhook. */
  readonly webhook: "app" | "waba" | null;
}

/** The flags of the command, as `parseArgs` reads them. */
export const FLAGS = {
  yes: { type: "boolean" },
  remove: { type: "boolean" },
  help: { type: "boolean" },
  "token-file": { type: "string" },
  "app-secret-file": { type: "string" },
  "phone-number-id": { type: "string" },
  "business-account-id": { type: "string" },
  languages: { type: "string" },
  "test-to": { type: "string" },
  domain: { type: "string" },
  url: { type: "string" },
  replace: { type: "boolean" },
  "temporary-token": { type: "boolean" },
  "new-admin-key": { type: "boolean" },
  webhook: { type: "string" },
} as const;

export type Flags = {
  readonly [Name in keyof typeof FLAGS]?:
    | ((typeof FLAGS)[Name]["type"] extends "boolean" ? boolean : string)
    | undefined;
};

export type Environment = Readonly<Record<string, string | undefined>>;

/** A sentence that names what is wrong with the command, in place of the options. */
export type OptionsReading =
  | { readonly kind: "options"; readonly options: Options }
  | { readonly kind: "invalid"; readonly sentence: string };

const META_URL = "https://graph.facebook.com";

/**
 * @param readFile null for a file that cannot be read
 * @param hasTerminal Whether someone can be asked.
 */
export function readOptions(
  flags: Flags,
  environment: Environment,
  readFile: (path: string) => string | null,
  hasTerminal: boolean,
): OptionsReading {
  const isUnattended = flags.yes === true;
  const baseUrl = (environment.WHATSAPP_BASE_URL || META_URL).replace(/\/+$/, "");
  const texts = {
    accessToken: secretOf(environment.WHATSAPP_ACCESS_TOKEN, flags["token-file"], readFile),
    appSecret: secretOf(environment.WHATSAPP_APP_SECRET, flags["app-secret-file"], readFile),
  };
  const languages = flags.languages === undefined ? null : languageList.safeParse(listOf(flags.languages));
  const testTo = flags["test-to"] === undefined ? null : readNumber(flags["test-to"]);
  const url = flags.url === undefined ? null : (URL.parse(flags.url) ?? undefined);
  const isLocal = isLoopbackHost(url?.hostname ?? "");
  const { webhook } = flags;

  const fault = firstOf([
    [
      !isUnattended && !hasTerminal && !(flags.remove && texts.accessToken && texts.appSecret),
      "This is no terminal, so nothing can be asked. Run it in one, or add --yes and give the values as flags and variables.",
    ],
    [!isSecureUrl(baseUrl), "WHATSAPP_BASE_URL is no https address."],
    [texts.accessToken === undefined, `--token-file: ${flags["token-file"]} cannot be read.`],
    [texts.appSecret === undefined, `--app-secret-file: ${flags["app-secret-file"]} cannot be read.`],
    [
      isUnattended && !texts.accessToken,
      "The access token is missing. Set WHATSAPP_ACCESS_TOKEN or give --token-file.",
    ],
    [
      isUnattended && !texts.appSecret,
      "The app secret is missing. Set WHATSAPP_APP_SECRET or give --app-secret-file.",
    ],
    [
      (environment.ADMIN_KEY ?? "") !== "" && (environment.ADMIN_KEY ?? "").trim().length < 32,
      "ADMIN_KEY has at least 32 characters.",
    ],
    [isNoId(flags["phone-number-id"]), "--phone-number-id is an id of Meta: 5 to 20 digits."],
    [isNoId(flags["business-account-id"]), "--business-account-id is an id of Meta: 5 to 20 digits."],
    [languages?.success === false, `--languages: ${languages?.error?.issues[0]?.message ?? ""}`],
    [testTo?.kind === "fault", `--test-to: ${testTo?.kind === "fault" ? testTo.fault : ""}`],
    [
      flags.domain !== undefined && !/^([a-z0-9-]+\.)+[a-z]{2,}$/.test(flags.domain),
      "--domain is a host such as verify.example.com.",
    ],
    [url === undefined || (url !== null && !isSecureUrl(url.href)), "--url is an https address."],
    [
      isLocal && !isLoopbackHost(URL.parse(baseUrl)?.hostname ?? ""),
      "--url on this computer is reached by no webhook of Meta. It is allowed only with a WHATSAPP_BASE_URL on this computer.",
    ],
    [
      url !== null && !isLocal && flags.domain !== undefined,
      "--url names a deployment that exists, --domain one to make. Give one of them.",
    ],
    [webhook !== undefined && !isChoice(webhook), "--webhook is app or waba."],
  ]);
  if (fault !== null) return { kind: "invalid", sentence: fault };
  return {
    kind: "options",
    options: {
      isUnattended,
      remove: flags.remove === true,
      baseUrl,
      accessToken: texts.accessToken ?? null,
      appSecret: texts.appSecret ?? null,
      adminKey: environment.ADMIN_KEY?.trim() || null,
      verifyToken: environment.WHATSAPP_VERIFY_TOKEN?.trim() || null,
      phoneNumberId: flags["phone-number-id"] ?? environment.WHATSAPP_PHONE_NUMBER_ID ?? null,
      businessAccountId: flags["business-account-id"] ?? environment.WHATSAPP_BUSINESS_ACCOUNT_ID ?? null,
      languages: languages?.data ?? null,
      testTo: testTo?.kind === "number" ? testTo.number : null,
      domain: flags.domain ?? null,
      url: url?.origin ?? null,
      deploys: url === null || isLocal,
      replacesIds: flags.replace === true,
      acceptsTemporaryToken: flags["temporary-token"] === true,
      wantsNewAdminKey: flags["new-admin-key"] === true,
      webhook: isChoice(webhook) ? webhook : null,
    },
  };
}

/** Null where none is given, undefined where its file cannot be read. */
function secretOf(
  variable: string | undefined,
  path: string | undefined,
  readFile: (path: string) => string | null,
): string | null | undefined {
  const text = path === undefined ? (variable ?? "") : readFile(path);
  return text === null ? undefined : text.trim() || null;
}

function listOf(text: string): readonly string[] {
  return text
    .split(",")
    .map((language) => language.trim())
    .filter((language) => language !== "");
}

function isNoId(text: string | undefined): boolean {
  return text !== undefined && !/^\d{5,20}$/.test(text);
}

function isChoice(text: string | undefined): text is "app" | "waba" {
  return text === "app" || text === "waba";
}

function firstOf(faults: readonly (readonly [is: boolean, sentence: string])[]): string | null {
  return faults.find(([is]) => is)?.[1] ?? null;
}
