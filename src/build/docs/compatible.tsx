import type { DocumentedEndpoint } from "./documented.ts";
import { Prose } from "./text.tsx";

type Dialect = NonNullable<DocumentedEndpoint["dialect"]>;

/** The title of each dialect's part of the page, and how a team comes to it. */
const DIALECTS: Readonly<Record<string, { readonly title: string; introduce(origin: string): string }>> = {
  "openid-connect": {
    title: "OpenID Connect",
    introduce: (origin) =>
      `Users sign in on a page of this deployment, whose issuer is \`${origin}\` where \`[vars.SIGN_IN]\` says so. ` +
      "A library of OpenID Connect makes these calls; it needs the issuer and a [client](#createOAuthClient). What a " +
      "standard does not name is passed over.",
  },
  "twilio-verify": {
    title: "Twilio Verify",
    introduce: (origin) =>
      `Twilio's clients work against this deployment with \`client.verify.baseUrl = "${origin}/twilio"\` and an API key ` +
      "as the auth token. A service is a purpose.",
  },
  "vonage-verify": {
    title: "Vonage Verify",
    introduce: (origin) =>
      `Vonage's clients work against this deployment with \`apiHost: "${origin}/vonage"\`. The application keeps its ` +
      "id and its private key; the deployment's settings have its public key.",
  },
  "camara-otp": {
    title: "CAMARA OTP SMS",
    introduce: (origin) =>
      `One Time Password SMS 1.1.1 of the GSMA's Open Gateway, at \`${origin}/camara/one-time-password-sms/v1\`.`,
  },
  "sms-hooks": {
    title: "SMS hooks",
    introduce: () =>
      "An auth platform makes the code and checks it; Sandi sends it. Enter the address of the hook in the platform's " +
      "settings, with `?purpose=` if it is for another purpose than its messages tell.",
  },
};

/** Titles that the path does not tell. */
const TITLES: Readonly<Record<string, string>> = { keys: "API keys", oauth: "Sign-in" };

/** The title of a group of calls: a dialect's own, else as the path names it, so that `webhook-endpoints` becomes `Webhook endpoints`. */
export function headline(group: string): string {
  const title = TITLES[group] ?? DIALECTS[group]?.title;
  return title ?? group.charAt(0).toUpperCase() + group.slice(1).replaceAll("-", " ");
}

/** What a team that comes from another system has to know; nothing for this API's own calls. */
export function Introduction({ group, origin }: { readonly group: string; readonly origin: string }) {
  const dialect = DIALECTS[group];
  if (dialect === undefined) return null;
  return (
    <p>
      <Prose text={dialect.introduce(origin)} />
    </p>
  );
}

/** What a dialect accepts as credentials. */
export function Credentials({ dialect }: { readonly dialect: Dialect }) {
  return (
    <dl class="answers">
      {Object.values(dialect.credentials).map((credentials) => (
        <div class="credentials">
          <dt>{nameOf(credentials)}</dt>
          <dd>
            <Prose text={credentials.description} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function nameOf(credentials: Dialect["credentials"][string]): string {
  if (credentials.type === "apiKey") return credentials.name;
  return credentials.scheme === "basic" ? "Basic" : "Bearer";
}
