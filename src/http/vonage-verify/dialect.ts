import { documented } from "../../platform/documented.ts";
import { PROBLEMS } from "../../platform/problem.ts";
import type { CompatibleDialect } from "../dialect.ts";
import { errorBody, errorOf, renderError } from "./errors.ts";

/** Custom templates would be at a path like that of a request. */
export function isOfTemplates({ url }: Request): boolean {
  return /\/verify\/templates(?![^/?])/.test(url);
}

export function explainUnknown(request: Request): string {
  const fault = `There is no ${request.method} here.`;
  return isOfTemplates(request) ? `${fault} Message templates are at /v1/templates.` : fault;
}

/** Vonage Verify v2: JSON in and out, with errors of the type `application/json`, since its clients read no other. */
export const vonageDialect: CompatibleDialect = {
  prefix: "/vonage",
  tag: "vonage-verify",
  renderError,
  explainUnknown,
  bodyType: "application/json",
  errorType: "application/json",
  errorBody,
  credentials: documented(() => ({
    vonageJwt: {
      type: "http",
      scheme: "bearer",
      bearerFormat: "JWT",
      description: "A token that an application of `COMPATIBILITY.vonage` has signed by RS256.",
    },
    vonageBasic: {
      type: "http",
      scheme: "basic",
      description: "Any API key of Vonage as the user name; an API key of this deployment as the secret.",
    },
  })),
  describeError(code) {
    const [status, fragment] = errorOf(code);
    return [status, `\`${fragment}\`: ${PROBLEMS[code][1]}.`];
  },
};
