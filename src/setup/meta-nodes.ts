/** What is read of Meta's nodes, without whole phone numbers. Null stands for what Meta does not say. */

export interface App {
  readonly id: string;
  readonly name: string;
}

/** `GET /debug_token`. */
export interface Token {
  readonly appId: string | null;
  /** `SYSTEM_USER`, `USER` and others. */
  readonly type: string | null;
  readonly isValid: boolean;
  /** In milliseconds since the epoch; null for a token that does not expire. */
  readonly expiresAt: number | null;
  readonly scopes: readonly string[];
  /** The WhatsApp accounts that it reaches; null where it is not limited to some. */
  readonly accounts: readonly string[] | null;
  readonly userId: string | null;
}

/** A WhatsApp business account. */
export interface Account {
  readonly id: string;
  readonly name: string | null;
  readonly status: string | null;
  readonly reviewStatus: string | null;
  /** The business's verification: `verified`, `pending` and others. */
  readonly verification: string | null;
  /** The messaging limit, such as `TIER_2K`. */
  readonly limit: string | null;
  readonly country: string | null;
  readonly primaryLocation: string | null;
  readonly internationalRates: InternationalRates | null;
  readonly business: App | null;
  readonly health: Health | null;
}

/** From when codes to other countries cost the authentication-international rate, in milliseconds since the epoch. */
export interface InternationalRates {
  readonly from: number;
  readonly exceptions: readonly { readonly country: string; readonly from: number }[];
}

/** A business phone number. */
export interface NumberNode {
  readonly id: string;
  /** Masked, as all numbers that leave a request. */
  readonly maskedNumber: string | null;
  /** Whether it is one of the +1 555 numbers that Meta gives out. */
  readonly isGivenByMeta: boolean;
  readonly name: string | null;
  readonly nameStatus: string | null;
  readonly newName: string | null;
  readonly newNameStatus: string | null;
  readonly status: string | null;
  readonly platform: string | null;
  /** Whether Meta has verified that the number is the team's. */
  readonly codeVerification: string | null;
  /** `LIVE`, or `SANDBOX` for Meta's test number. */
  readonly mode: string | null;
  readonly quality: string | null;
  readonly throughput: string | null;
  readonly limit: string | null;
  readonly isOnBusinessApp: boolean | null;
  readonly isOfficial: boolean | null;
  readonly webhooks: WebhookAddresses | null;
  readonly health: Health | null;
}

/** Where webhooks about the number's messages go: the number's address, else the account's, else the app's. */
export interface WebhookAddresses {
  readonly application: string | null;
  readonly account: string | null;
  readonly number: string | null;
}

/** `health_status` of a number or an account ("Messaging health status"). */
export interface Health {
  readonly canSend: string;
  readonly entities: readonly HealthEntity[];
}

export interface HealthEntity {
  readonly type: string;
  readonly canSend: string;
  readonly info: readonly string[];
  readonly errors: readonly HealthError[];
}

export interface HealthError {
  readonly code: number;
  readonly description: string;
  readonly solution: string | null;
}

/** One app subscribed to the webhooks of the account. */
export interface SubscribedApp {
  readonly id: string;
  readonly name: string | null;
  /** Where the account's webhooks go in place of the app's address. */
  readonly overrideUrl: string | null;
}

/** The app's webhook for one kind of object. */
export interface Subscription {
  readonly object: string;
  readonly callbackUrl: string | null;
  readonly fields: readonly string[];
}

/** One template in one language. */
export interface ListedTemplate {
  readonly id: string;
  readonly name: string;
  readonly language: string;
  readonly status: string;
  readonly category: string;
  readonly rejectedReason: string | null;
  readonly timeToLiveSeconds: number | null;
}

export interface AssignedUser {
  readonly id: string;
  readonly name: string | null;
  readonly tasks: readonly string[];
}
