import { actingFor } from "../../keys/apps.ts";
import type { CompatibleApi } from "../compatible-api.ts";
import { pair } from "../endpoint.ts";
import { requireCorrelator } from "./correlator.ts";
import { camaraDialect } from "./dialect.ts";
import { sendCodeDefinitions, sendCodeHandlers } from "./send-code.ts";
import { validateCodeDefinitions, validateCodeHandlers } from "./validate-code.ts";

const definitions = () => ({ ...sendCodeDefinitions(), ...validateCodeDefinitions() });

/** CAMARA One Time Password SMS 1.1.1, as operators of the GSMA's Open Gateway offer it. */
export const camaraOtp: CompatibleApi = {
  dialect: camaraDialect,
  definitions,
  mount: ({ config, verifications, keys }) => ({
    dialect: camaraDialect,
    endpoints: pair(definitions(), {
      ...sendCodeHandlers(verifications, config.policies, config.compatibility.camara.purpose),
      ...validateCodeHandlers(verifications),
    }),
    authenticate: ({ headers }) => keys.authenticate(headers.get("authorization")),
    refine(caller, request) {
      requireCorrelator(request);
      return actingFor(caller, request.headers.get("sandi-app"), config.apps);
    },
  }),
};
