import { DEFAULT_APP } from "../../ids/app-name.ts";
import type { ApiKeys } from "../../keys/api-keys.ts";
import { actingFor } from "../../keys/apps.ts";
import type { Caller } from "../../keys/caller.ts";
import { Problem } from "../../platform/problem.ts";
import { bearerOfBasic } from "../basic-auth.ts";
import type { CompatibleApi } from "../compatible-api.ts";
import { pair } from "../endpoint.ts";
import { cancelDefinitions, cancelHandlers } from "./cancel.ts";
import { checkDefinitions, checkHandlers } from "./check.ts";
import { explainUnknown, isOfTemplates, vonageDialect } from "./dialect.ts";
import { nextStepDefinitions, nextStepHandlers } from "./next-step.ts";
import type { VonageSettings } from "./settings.ts";
import { startDefinitions, startHandlers } from "./start.ts";
import { ApplicationTokens } from "./tokens.ts";

const definitions = () => ({
  ...startDefinitions(),
  ...checkDefinitions(),
  ...nextStepDefinitions(),
  ...cancelDefinitions(),
});

/** Vonage Verify v2: its clients need another host, and their application in the settings. */
export const vonageVerify: CompatibleApi = {
  dialect: vonageDialect,
  definitions,
  mount({ config, verifications, keys }) {
    const { applications } = config.compatibility.vonage;
    const purposeOf = ({ id }: Caller) => applications.get(id)?.purpose ?? "login";
    return {
      dialect: vonageDialect,
      endpoints: pair(definitions(), {
        ...startHandlers(verifications, config.policies, purposeOf),
        ...checkHandlers(verifications),
        ...nextStepHandlers(verifications),
        ...cancelHandlers(verifications),
      }),
      authenticate: authenticator(applications, keys),
      refine(caller, request) {
        if (isOfTemplates(request)) throw new Problem("not_found", { detail: explainUnknown(request) });
        return actingFor(caller, request.headers.get("sandi-app"), config.apps);
      },
    };
  },
};

/** By an application's token, or by an API key as the secret of `Authorization: Basic`. */
function authenticator(applications: VonageSettings["applications"], keys: ApiKeys) {
  const tokens = new ApplicationTokens(applications);
  return async ({ headers }: Request): Promise<Caller | null> => {
    const authorization = headers.get("authorization");
    const token = /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
    if (token === undefined) return keys.authenticate(bearerOfBasic(authorization));
    const id = await tokens.verify(token, Date.now());
    return id === null
      ? null
      : { id, name: id, scopes: ["verifications"], app: DEFAULT_APP, reach: DEFAULT_APP };
  };
}
