import { documented } from "../../platform/documented.ts";
import { PROBLEMS } from "../../platform/problem.ts";
import type { CompatibleDialect } from "../dialect.ts";
import { parseForm } from "../form.ts";
import { errorBody, errorOf, renderError } from "./errors.ts";
import { explainUnknown } from "./unknown.ts";

/** Twilio Verify v2: forms in, JSON out, and times in seconds. */
export const twilioDialect: CompatibleDialect = {
  prefix: "/twilio",
  tag: "twilio-verify",
  renderError,
  readBody: parseForm,
  explainUnknown,
  bodyType: "application/x-www-form-urlencoded",
  errorType: "application/json",
  errorBody,
  credentials: documented(() => ({
    twilioBasic: {
      type: "http",
      scheme: "basic",
      description: "Any user name, such as the account SID; an API key as the password.",
    },
  })),
  describeError(code) {
    const [status, twilioCode] = errorOf(code);
    return [status, `\`${twilioCode}\`: ${PROBLEMS[code][1]}.`];
  },
};
