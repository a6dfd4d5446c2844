import { actingFor } from "../../keys/apps.ts";
import type { Policy } from "../../phone-number/policy.ts";
import { bearerOfBasic } from "../basic-auth.ts";
import type { CompatibleApi } from "../compatible-api.ts";
import { type Handlers, pair } from "../endpoint.ts";
import { attemptDefinitions, attemptHandlers } from "./attempts.ts";
import { summaryDefinitions, summaryHandlers } from "./attempts-summary.ts";
import { checkDefinitions, checkHandlers } from "./check.ts";
import type { TwilioContext } from "./context.ts";
import { createDefinitions, createHandlers } from "./create.ts";
import { twilioDialect } from "./dialect.ts";
import { manageDefinitions, manageHandlers } from "./manage.ts";
import { serviceDefinitions, serviceHandlers } from "./service-endpoints.ts";
import { Services } from "./services.ts";

function definitions(services: Services) {
  return {
    ...createDefinitions(services),
    ...checkDefinitions(services),
    ...manageDefinitions(services),
    ...serviceDefinitions(services),
    ...attemptDefinitions,
    ...summaryDefinitions,
  };
}

function handlers(context: TwilioContext): Handlers<typeof definitions> {
  return {
    ...createHandlers(context),
    ...checkHandlers(context),
    ...manageHandlers(context),
    ...serviceHandlers(context),
    ...attemptHandlers(context),
    ...summaryHandlers(context),
  };
}

/** Twilio Verify v2: its clients need another base URL, and an API key as the auth token. */
export const twilioVerify: CompatibleApi = {
  dialect: twilioDialect,
  definitions: (policies: ReadonlyMap<string, Policy>) => definitions(new Services(policies, new Map())),
  mount: ({ config, keys, verifications, journal }) => {
    const { keyring, policies, apps } = config;
    const { accountSid, services: configured } = config.compatibility.twilio;
    const services = new Services(policies, configured);
    return {
      dialect: twilioDialect,
      endpoints: pair(
        definitions(services),
        handlers({ verifications, journal, keyring, accountSid, services }),
      ),
      authenticate: ({ headers }) => keys.authenticate(bearerOfBasic(headers.get("authorization"))),
      refine: (caller, { headers }) => actingFor(caller, headers.get("sandi-app"), apps),
    };
  },
};
