import { documented } from "../../platform/documented.ts";
import { PROBLEMS } from "../../platform/problem.ts";
import type { CompatibleDialect } from "../dialect.ts";
import { correlatorFor } from "./correlator.ts";
import { errorBody, errorOf, renderError } from "./errors.ts";

/** CAMARA One Time Password SMS 1.1: JSON in and out, and a correlator in every answer. */
export const camaraDialect: CompatibleDialect = {
  prefix: "/camara",
  tag: "camara-otp",
  renderError,
  headersFor: (request, requestId) => ({ "x-correlator": correlatorFor(request, requestId) }),
  bodyType: "application/json",
  errorType: "application/json",
  errorBody,
  credentials: documented(() => ({
    camaraBearer: {
      type: "http",
      scheme: "bearer",
      description: "An API key of this deployment, in the place of an access token.",
    },
  })),
  describeError(code) {
    const [status, camaraCode] = errorOf(code);
    return [status, `\`${camaraCode}\`: ${PROBLEMS[code][1]}.`];
  },
};
