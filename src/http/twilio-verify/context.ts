import type { CompatibleServices } from "../compatible-api.ts";
import type { EndpointRequest } from "../endpoint.ts";
import type { Service, Services } from "./services.ts";
import { accountSidOf, baseOf } from "./spelling.ts";
import type { View } from "./verification.ts";

/** What the handlers need. */
export interface TwilioContext extends Pick<CompatibleServices, "verifications" | "journal"> {
  readonly keyring: CompatibleServices["config"]["keyring"];
  /** The configured account; null without one. */
  readonly accountSid: string | null;
  readonly services: Services;
}

type Asked = Pick<EndpointRequest<unknown, unknown, unknown>, "request" | "caller">;

/** What the answer to a request shows besides what it is about. */
export function viewOf(
  { request, caller }: Asked,
  service: Service,
  { accountSid }: Pick<TwilioContext, "accountSid">,
  amount?: string,
): View {
  return {
    base: baseOf(request),
    accountSid: accountSidOf(request, accountSid, caller),
    service,
    amount,
  };
}
