import { actingFor } from "../../keys/apps.ts";
import { bearerOfBasic } from "../basic-auth.ts";
import type { CompatibleApi } from "../compatible-api.ts";
import { pair } from "../endpoint.ts";
import { twilioDialect } from "./dialect.ts";

/** Twilio Verify v2: its clients need another base URL, and an API key as the auth token. */
export const twilioVerify: CompatibleApi = {
  dialect: twilioDialect,
  definitions: () => ({}),
  mount: ({ config, keys }) => ({
    dialect: twilioDialect,
    endpoints: pair({}, {}),
    authenticate: ({ headers }) => keys.authenticate(bearerOfBasic(headers.get("authorization"))),
    refine: (caller, { headers }) => actingFor(caller, headers.get("sandi-app"), config.apps),
  }),
};
