import { type Mutation, mutation } from "./mutation.ts";
import * as scenarios from "./sign-in-scenarios.ts";

const REDEEM = "phone-number/decisions/redeem.ts";
const PAGE = "http/sign-in";

/** Breaks what the invariants say of signing in: the page, the authorization code, the tokens and the subjects. */
export const SIGN_IN_MUTATIONS: readonly Mutation[] = [
  mutation(
    1,
    "a sign-in is redeemed again",
    scenarios.redeemedTwice,
    REDEEM,
    "if (redeemed === null) {",
    'if (redeemed?.state !== "again") {',
  ),
  mutation(
    1,
    "an access token outlives a second redemption",
    scenarios.redeemedTwice,
    REDEEM,
    'verification.redeemed?.state === "once" ?',
    "verification.redeemed ?",
  ),
  mutation(
    2,
    "a redemption is written after its answer",
    scenarios.crashesAroundRedemption,
    "phone-number/phone-number.ts",
    "return this.#step((state, now) => redeem(state, command, now));",
    `const { outcome } = redeem(this.#record.state, command, Date.now());
    setTimeout(() => this.#step((state, now) => redeem(state, command, now)), 10_000);
    return outcome;`,
  ),
  mutation(
    8,
    "a client redeems the code of another",
    scenarios.stolenAuthorizationCode,
    `${PAGE}/token.ts`,
    "code.clientId !== client.id ||",
    "",
  ),
  mutation(
    8,
    "a client redeems without its secret",
    scenarios.stolenAuthorizationCode,
    `${PAGE}/client-authentication.ts`,
    "return secret !== null && clients.authenticate(client.id, secret);",
    "return secret !== null;",
  ),
  mutation(
    11,
    "a crash gives every person another subject",
    scenarios.crashesAroundRedemption,
    "keys/issuer/issuer.ts",
    "this.ctx.storage.kv.put<StoredKeys>(RECORD, { ...after, version: VERSION });",
    "",
  ),
  mutation(
    12,
    "a form of the page counts from another browser",
    scenarios.stolenPage,
    `${PAGE}/forms.ts`,
    "if (!isOwn || !isFromOrigin(request, issuer))",
    "if (!isFromOrigin(request, issuer))",
  ),
  mutation(
    12,
    "two browsers on the page share a code",
    scenarios.codeInOtherBrowser,
    `${PAGE}/flow.ts`,
    "export function sessionOf({ browser, request }: Flow): string {",
    'export function sessionOf({ request }: Flow): string {\n  const browser = "any";',
  ),
  mutation(
    12,
    "a sign-in is redeemed without the verifier of its request",
    scenarios.stolenAuthorizationCode,
    `${PAGE}/authorization-code.ts`,
    "return VERIFIER.test(verifier) && digestOf(verifier) === challenge;",
    "return VERIFIER.test(verifier);",
  ),
  mutation(
    13,
    "a failed redemption uses the sign-in up",
    scenarios.stolenAuthorizationCode,
    `${PAGE}/token.ts`,
    '!isVerifierOf(code.codeChallenge, form.get("code_verifier"))',
    '(!isVerifierOf(code.codeChallenge, form.get("code_verifier")) && (await deps.redemptions.redeem(code.id, client.app), true))',
  ),
  mutation(
    13,
    "a code's form that is sent again after a crash is too late",
    scenarios.crashesAroundRedemption,
    `${PAGE}/forms.ts`,
    'const key = flowKey(visit, "code",',
    'const key = null && flowKey(visit, "code",',
  ),
];
