import type { CloudflareFindings } from "./cloudflare-findings.ts";
import type { Answer } from "./graph.ts";
import type { Memory } from "./memory.ts";
import type {
  Account,
  App,
  AssignedUser,
  ListedTemplate,
  NumberNode,
  SubscribedApp,
  Subscription,
  Token,
} from "./meta-nodes.ts";

/** What one look at settings, Meta, memory and Cloudflare found: plain data, so that checks are pure. */
export interface Findings {
  /** In milliseconds since the epoch. */
  readonly now: number;
  readonly settings: SettingsFindings;
  readonly meta: MetaFindings;
  /** Null where no deployment was asked. */
  readonly memory: Memory | null;
  /** What the deployment reads of its own platform; null where no deployment was asked. */
  readonly platform: PlatformFindings | null;
  /** Null in the Worker, which has no login. */
  readonly cloudflare: CloudflareFindings | null;
}

/** Settings without the secrets. */
export interface SettingsFindings {
  readonly phoneNumberIds: readonly string[];
  readonly businessAccountId: string;
  readonly apiVersion: string;
  /** The deployment's public origin, such as `https://verify.example.com`; null where it is not known. */
  readonly publicUrl: string | null;
  /** The templates that purposes name, with the shortest life of the codes that they carry. */
  readonly templates: readonly PurposeTemplate[];
  /** WhatsApp's code of the default language, such as `en_US`. */
  readonly defaultLanguage: string;
  /** Whether the team wants to know that a phone has changed. */
  readonly asksIdentity: boolean;
  readonly appSecret: SecretShape;
}

export interface PurposeTemplate {
  readonly name: string;
  readonly purposes: readonly string[];
  readonly codeLifeSeconds: number;
}

/** What the value of `WHATSAPP_APP_SECRET` looks like. */
export type SecretShape = "secret" | "id" | "token" | "other";

export interface MetaFindings {
  readonly token: Answer<Token>;
  readonly app: Answer<App>;
  /** The app, read with its own token: whether the app secret is right. */
  readonly secret: Answer<App>;
  /** Another app subscribed to the account that the app secret belongs to; null where there is none. */
  readonly otherAppOfSecret: App | null;
  readonly account: Answer<Account>;
  /** The team's senders, in the order of the settings. */
  readonly senders: readonly SenderAnswer[];
  /** All numbers of the account. */
  readonly numbers: Answer<readonly NumberNode[]>;
  readonly subscribedApps: Answer<readonly SubscribedApp[]>;
  readonly subscriptions: Answer<readonly Subscription[]>;
  readonly templates: Answer<readonly ListedTemplate[]>;
  readonly assignedUsers: Answer<readonly AssignedUser[]>;
  /** Whether Meta's identity check is on at the first sender. */
  readonly identityCheck: Answer<boolean>;
  /** The state of the request for the blue tick of the first sender. */
  readonly badge: Answer<string>;
}

export interface SenderAnswer {
  readonly id: string;
  readonly node: Answer<NumberNode>;
}

export interface PlatformFindings {
  /** The last migration applied to the journal; null where it has none. */
  readonly lastMigration: string | null;
  /** When the oldest event that waits to be consumed was queued; null where none waits or it is not known. */
  readonly oldestEventAt: number | null;
  /** How many events could not be stored and wait in the dead-letter queue. */
  readonly deadLetters: number;
}
