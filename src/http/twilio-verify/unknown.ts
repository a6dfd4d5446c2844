/** What serves the need of a call that is not served, by the part of the path that tells what it is about. */
const INSTEAD: readonly (readonly [path: RegExp, instead: string])[] = [
  [/^\/Attempts\/./, "List the attempts of a verification with GET /Attempts?VerificationSid=VE…"],
  [/\/RateLimits\b/, "Named limits are settings of the deployment: GUARD.named_limits in wrangler.toml."],
  [/\/Webhooks\b/, "Events are sent to webhook endpoints: POST /v1/webhook-endpoints."],
  [/\/Templates\b/, "Message templates are at /v1/templates."],
  [/\/(MessagingConfigurations|SafeList)\b/, "Senders and countries are settings of wrangler.toml."],
  [
    /\/(Entities|Factors|Challenges|Passkeys|AccessTokens)\b/,
    "There are codes over WhatsApp and SMS only; push, TOTP and passkeys are not served.",
  ],
  [
    /^\/Services(\/[^/]*)?$/,
    "Services are the purposes of the deployment, PURPOSES in wrangler.toml; they can be listed and read.",
  ],
];

const BASE = "/twilio/v2";

/** The message for a path without an endpoint: it names what serves the need here. */
export function explainUnknown({ method, url }: Request): string {
  const path = new URL(url).pathname.slice(BASE.length);
  const instead = INSTEAD.find(([pattern]) => pattern.test(path))?.[1];
  const fault = `There is no ${method} here.`;
  return instead === undefined ? fault : `${fault} ${instead}`;
}
