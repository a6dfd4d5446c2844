/** What the command line finds at Cloudflare and of the deployment from outside. Null stands for what is not known. */
export interface CloudflareFindings {
  /** Whether wrangler has a login or a token that Cloudflare takes. */
  readonly isLoggedIn: boolean;
  /** Permissions that the token lacks, such as `D1: edit`. */
  readonly missingPermissions: readonly string[];
  /** Whether the account has a workers.dev name, or the deployment needs none. */
  readonly hasSubdomain: boolean | null;
  /** The names of the Worker's secrets. */
  readonly secretNames: readonly string[] | null;
  /** Migrations of the journal that are not applied. */
  readonly pendingMigrations: readonly string[] | null;
  /** The queues of the account, with the number of their consumers where it is known. */
  readonly queues: readonly QueueFound[] | null;
  readonly usage: UsageFound | null;
  /** What `GET /health` answers from outside. */
  readonly health: WebAnswer | null;
  /** What Meta's handshake gets at the webhook's address. */
  readonly webhook: WebAnswer | null;
}

export interface QueueFound {
  readonly name: string;
  readonly consumers: number | null;
}

export interface UsageFound {
  /** Null where it is not known. */
  readonly plan: "free" | "paid" | null;
  /** Codes started in the last 24 hours. */
  readonly codesToday: number;
}

export type WebAnswer =
  | {
      readonly kind: "answered";
      readonly status: number;
      /** The host of a redirect; null for another answer. */
      readonly redirectHost: string | null;
      /** Whether the body is this service's. */
      readonly isOurs: boolean;
    }
  | { readonly kind: "unreachable"; readonly reason: string };
