import type { Journal } from "../journal/journal.ts";
import type { ApiKeys } from "../keys/api-keys.ts";
import type { Apps } from "../keys/apps.ts";
import type { Policy } from "../phone-number/policy.ts";
import type { Keyring } from "../platform/keyring.ts";
import type { Verifications } from "../verification/verifications.ts";
import type { CompatibleSettings } from "./compatible-settings.ts";
import type { CompatibleDialect } from "./dialect.ts";
import type { EndpointDefinition } from "./endpoint.ts";
import type { Mount } from "./mount.ts";
import type { HookSecrets } from "./sms-hooks/settings.ts";

/** What the compatible APIs translate to. */
export interface CompatibleServices {
  readonly config: {
    readonly policies: ReadonlyMap<string, Policy>;
    readonly apps: Apps;
    readonly keyring: Keyring;
    readonly compatibility: CompatibleSettings;
    readonly hooks: HookSecrets;
  };
  readonly verifications: Verifications;
  readonly journal: Journal;
  readonly keys: ApiKeys;
}

/** The API of another system, in a folder of its own: it translates, and decides and stores nothing. */
export interface CompatibleApi {
  readonly dialect: CompatibleDialect;
  /** Of every endpoint, for the description. */
  definitions(policies: ReadonlyMap<string, Policy>): Readonly<Record<string, EndpointDefinition>>;
  /** Called for the first request under the prefix: a deployment that does not use the API does not build it. */
  mount(services: CompatibleServices): Mount;
}
