import * as z from "zod";
import { actingFor } from "../../keys/apps.ts";
import type { Policy } from "../../phone-number/policy.ts";
import { documented } from "../../platform/documented.ts";
import { PROBLEMS, type ProblemCode } from "../../platform/problem.ts";
import type { CompatibleApi } from "../compatible-api.ts";
import type { CompatibleDialect, Credentials } from "../dialect.ts";
import { defineEndpoint, pair } from "../endpoint.ts";
import { APP_TRAFFIC, purpose } from "../v1/fields.ts";
import { SEND_PROBLEMS } from "../v1/verifications/replies.ts";
import { authenticateByKey, authenticateSigned, type SigningPlatform } from "./authenticate.ts";
import { deliver, purposeOf } from "./deliver.ts";
import { renderRefusal } from "./errors.ts";
import type { Platform } from "./platform.ts";

/** The user's record comes with the message, and an app may keep much in it. */
const LARGEST_HOOK_BYTES = 256 * 1024;

const PROBLEMS_OF_HOOKS: readonly ProblemCode[] = [
  "invalid_message",
  "invalid_phone_number",
  "unknown_purpose",
  ...SEND_PROBLEMS,
];

const accepted = documented(() => z.object({}).meta({ id: "HookAnswer" }));

/** How a platform authenticates, and how it is told that a message was refused. */
export interface HookOptions {
  /** By whose secrets it signs; null where it sends an API key. */
  readonly signedBy: SigningPlatform | null;
  readonly credentials: Readonly<Record<string, Credentials>>;
  /** Problem details unless the platform reads something else. */
  readonly errors?: Pick<CompatibleDialect, "renderError" | "errorType" | "errorBody" | "describeError">;
  /** The answer to a message that is sent; an empty object by default. */
  readonly answer?: object;
  /** What an answer with status 200 may be. */
  answered?(): z.ZodType;
}

const PROBLEM_DETAILS: NonNullable<HookOptions["errors"]> = {
  renderError: renderRefusal,
  errorType: "application/problem+json",
  describeError: (code) => [PROBLEMS[code][0], `\`${code}\`: ${PROBLEMS[code][1]}.`],
};

/** The hook of a platform: one endpoint, `POST /hooks/{platform}`. */
export function hookApi(
  platform: Platform,
  { signedBy, credentials, errors = PROBLEM_DETAILS, answer = {}, answered = () => accepted }: HookOptions,
): CompatibleApi {
  const { name, title, example } = platform;
  const dialect: CompatibleDialect = {
    prefix: `/hooks/${name}`,
    tag: "sms-hooks",
    bodyType: "application/json",
    credentials,
    ...errors,
  };
  const definitions = (policies: ReadonlyMap<string, Policy>) => ({
    [name]: defineEndpoint({
      operationId: `${name}Hook`,
      dialect,
      method: "post",
      path: `/hooks/${name}`,
      scope: "hooks",
      notAudited: APP_TRAFFIC,
      signed: signedBy !== null,
      docs: documented(() => ({
        summary: `Send a code for ${title}`,
        description:
          `${title} makes the code and checks it; this call sends it, and is answered within four seconds. A repetition ` +
          "sends nothing. Fields that are not listed are ignored.",
        example,
        responses: {
          200: { description: "The code is on its way, or was by an earlier call.", schema: answered() },
        },
        problems: signedBy === null ? PROBLEMS_OF_HOOKS : [...PROBLEMS_OF_HOOKS, "not_found"],
      })),
      query: z.strictObject({ purpose: purpose(policies).unwrap().optional() }),
      body: platform.body(),
      largestBodyBytes: LARGEST_HOOK_BYTES,
    }),
  });
  return {
    dialect,
    definitions,
    mount({ config: { policies, apps, hooks }, keys, verifications }) {
      const endpoints = pair(definitions(policies), {
        async [name]({ query, body: parsed, caller, background }) {
          const message = platform.read(parsed);
          if (message === null) return { status: 200, body: answer, outcome: "ignored" };
          const chosen = purposeOf(query.purpose, message, policies);
          const call = { platform: name, message, body: parsed, purpose: chosen, caller, background };
          return { status: 200, body: answer, ...(await deliver(call, verifications)) };
        },
      });
      return {
        dialect,
        endpoints,
        authenticate: ({ headers }) => authenticateByKey(keys, headers),
        authenticateBody: async (raw, { headers }) =>
          signedBy === null ? null : authenticateSigned(signedBy, hooks, headers, raw),
        refine: (caller, { headers }) => actingFor(caller, headers.get("sandi-app"), apps),
      };
    },
  };
}
