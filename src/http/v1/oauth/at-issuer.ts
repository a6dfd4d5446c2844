import { hasIssuer, type IssuerConfig, issuerAt } from "../../../keys/issuer/settings.ts";
import { Problem } from "../../../platform/problem.ts";
import type { Endpoint } from "../../endpoint.ts";

const PREFIX = "/v1/oauth/";

/**
 * Leaves out the endpoints about sign-in where the deployment has no issuer. Where it has one, requests to another
 * origin than the issuer's do not find them.
 */
export function onlyAtIssuer(endpoints: readonly Endpoint[], config: IssuerConfig): readonly Endpoint[] {
  return endpoints.flatMap((endpoint) => {
    if (!endpoint.definition.path.startsWith(PREFIX)) return [endpoint];
    return hasIssuer(config) ? [atIssuer(endpoint, config)] : [];
  });
}

function atIssuer({ definition, parse, handle }: Endpoint, config: IssuerConfig): Endpoint {
  return {
    definition,
    parse(request) {
      if (issuerAt(request.request.url, config) === null) throw new Problem("not_found");
      return parse(request);
    },
    handle,
  };
}
