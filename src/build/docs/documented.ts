import type { CompatibleDialect } from "../../http/dialect.ts";
import type { EndpointDefinition, EndpointDocs } from "../../http/endpoint.ts";

interface DocumentedDialect
  extends Pick<CompatibleDialect, "tag" | "bodyType" | "errorBody" | "credentials">,
    Partial<Pick<CompatibleDialect, "describeError">> {
  readonly errorType: CompatibleDialect["errorType"] | "text/html";
}

/**
 * An endpoint as the description shows it: one that is mounted by its definition, or one of OpenID Connect. The latter
 * reads parameters as its standards say, which pass over what they do not know.
 */
export interface DocumentedEndpoint
  extends Pick<EndpointDefinition, "operationId" | "method" | "path" | "params" | "query" | "body">,
    Pick<EndpointDefinition, "acceptsIdempotencyKey" | "signed">,
    Omit<EndpointDocs, "problems">,
    Partial<Pick<EndpointDefinition & EndpointDocs, "scope" | "problems">> {
  readonly dialect?: DocumentedDialect;
  /** What it may answer besides its responses, where these are no problems of this API. */
  readonly errors?: readonly (readonly [status: number, description: string])[];
  /** How curl presents the credentials, where they are no API key; null where it needs none. */
  readonly curlCredentials?: string | null;
  /** The parameters of an address that a browser is sent to. */
  readonly addressExample?: Readonly<Record<string, string>>;
}

/** The endpoints of a family of definitions, as the description shows them. */
export function documentedEndpoints(
  family: Readonly<Record<string, EndpointDefinition>>,
): readonly DocumentedEndpoint[] {
  return Object.values(family).map((definition) => ({ ...definition, ...definition.docs }));
}
