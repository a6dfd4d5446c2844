import * as z from "zod";
import { ALGORITHMS, KEY_STATUSES, type PlacedKey } from "../../../keys/issuer/signing-keys.ts";
import type { TokenIssuer } from "../../../keys/issuer/token-issuer.ts";
import { described, documented } from "../../../platform/documented.ts";
import { toIso, toIsoOrNull } from "../../../platform/time.ts";
import { defineEndpoint, type Handlers } from "../../endpoint.ts";
import { pageBody } from "../page.ts";

const time = documented(() => z.iso.datetime().meta({ description: "UTC, with milliseconds." }));

const signingKeyBody = documented(() =>
  z
    .object({
      kid: z.string().meta({ description: "As tokens and the published key set name it." }),
      alg: z.enum(ALGORITHMS),
      status: z.enum(KEY_STATUSES).meta({
        description:
          "`next` is published and signs from `signs_from` on, `current` signs, `former` has signed.",
      }),
      created_at: time,
      signs_from: time,
      published_until: time.nullable().meta({
        description:
          "When a former key leaves the published set. It is kept for longer, to read an `id_token_hint`.",
      }),
    })
    .meta({ id: "SigningKey" }),
);

const BY_THE_DEPLOYMENT = "The tokens of every app are signed with the same keys.";

export const signingKeyDefinitions = {
  listSigningKeys: defineEndpoint({
    operationId: "listSigningKeys",
    method: "get",
    path: "/v1/oauth/keys",
    scope: "admin",
    sharedByApps: BY_THE_DEPLOYMENT,
    docs: documented(() => ({
      summary: "List the signing keys",
      description:
        "On one page; of each algorithm the newest first. Their public halves are at `/.well-known/jwks.json`.",
      responses: { 200: { description: "The keys.", schema: pageBody(signingKeyBody) } },
      problems: ["not_found"],
    })),
  }),

  rotateSigningKeys: defineEndpoint({
    operationId: "rotateSigningKeys",
    method: "post",
    path: "/v1/oauth/keys/rotate",
    scope: "admin",
    sharedByApps: BY_THE_DEPLOYMENT,
    docs: documented(() => ({
      summary: "Rotate the signing keys",
      description:
        "Publishes the next key of each algorithm, which signs a day later; the former one stays published for a day " +
        "more. A rotation that has begun goes on as it is. With `compromised`, every key is withdrawn at once and new " +
        "ones sign: tokens of the withdrawn keys are no longer valid, and for 20 minutes some locations may still use " +
        "the old keys. Keys are rotated every 90 days without a call.",
      example: { compromised: false },
      responses: {
        200: {
          description: "The keys as they are now.",
          schema: z.object({ data: z.array(signingKeyBody) }).meta({ id: "RotatedSigningKeys" }),
        },
      },
      problems: ["not_found"],
    })),
    body: z
      .strictObject({
        compromised: z
          .boolean()
          .default(false)
          .meta(described({ description: "Withdraws every key, without a day's notice." })),
      })
      .optional()
      .meta(described({ id: "RotateSigningKeys" })),
  }),
};

export function signingKeyHandlers(issuer: TokenIssuer): Handlers<typeof signingKeyDefinitions> {
  return {
    async listSigningKeys() {
      const data = (await issuer.list()).map(toSigningKeyBody);
      return { status: 200, body: { data, next: null }, outcome: "listed" };
    },
    async rotateSigningKeys({ body }) {
      const compromised = body?.compromised ?? false;
      const keys = await issuer.rotate(compromised);
      return {
        status: 200,
        body: { data: keys.map(toSigningKeyBody) },
        outcome: compromised ? "withdrawn" : "rotated",
        target: keys.map(({ kid }) => kid).join(" "),
      };
    },
  };
}

function toSigningKeyBody(key: PlacedKey): z.input<typeof signingKeyBody> {
  return {
    kid: key.kid,
    alg: key.alg,
    status: key.status,
    created_at: toIso(key.createdAt),
    signs_from: toIso(key.signsFrom),
    published_until: toIsoOrNull(key.publishedUntil),
  };
}
