/** What setup needs of the world besides Meta. The command has the real ones, tests their own. */

/** The files of the project. */
export interface Project {
  /** wrangler.toml. */
  readSettings(): Promise<string>;
  writeSettings(text: string): Promise<void>;
  /** Changes when the Worker's source, its settings or one of the given values does. Reveals none of them. */
  fingerprint(values: readonly string[]): Promise<string>;
}

/** Runs wrangler, never with a secret among the arguments. */
export interface Cloudflare {
  /** The account that the environment names. */
  readonly accountId: string | null;
  useAccount(id: string): void;
  /** Without a terminal. */
  run(args: readonly string[]): Promise<WranglerRun>;
  /** With the terminal of the user. */
  login(): Promise<void>;
  /** Deploys. The secrets reach wrangler in a file that is gone afterwards. */
  deploy(deploy: Deploy): Promise<DeployRun>;
}

export interface Deploy {
  readonly secrets: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  /** Takes the place of wrangler.toml for this deploy. */
  readonly settings?: string;
}

export interface WranglerRun {
  readonly code: number;
  /** Standard output alone, without color. */
  readonly stdout: string;
  /** Both streams, without color. */
  readonly output: string;
}

export interface DeployRun extends WranglerRun {
  /** The addresses and triggers that wrangler reports of the deploy. */
  readonly targets: readonly string[];
}

/** Calls the deployment's own API, with the admin key where one is known. */
export interface Deployment {
  /** Null where nothing answers. */
  call(request: DeploymentCall): Promise<DeploymentAnswer | null>;
}

export interface DeploymentCall {
  readonly url: string;
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly key: string | null;
  readonly body?: object;
  readonly idempotencyKey?: string;
}

export interface DeploymentAnswer {
  readonly status: number;
  /** JSON; null for another body. */
  readonly body: unknown;
}

/** Asks the person at the terminal. */
export interface Prompt {
  /** What is typed is not shown. */
  secret(question: string, help?: string): Promise<string>;
  text(question: string, help?: string): Promise<string>;
  choose<Value extends string>(question: string, choices: readonly Choice<Value>[]): Promise<Value>;
  /** Waits for Enter. */
  goOn(question: string): Promise<void>;
}

export interface Choice<Value extends string> {
  readonly value: Value;
  readonly label: string;
  readonly hint?: string;
}

/** What a run leaves for the next one: no secret, no token, no whole phone number. */
export interface State {
  readonly appId?: string;
  readonly businessAccountId?: string;
  /** Chosen of several. */
  readonly cloudflareAccountId?: string;
  readonly phoneNumberId?: string;
  /** Masked. */
  readonly phoneNumber?: string;
  readonly url?: string;
  /** The address that a setup has entered at Meta. */
  readonly webhook?: string;
  /** Of the last complete deploy, migrations included. */
  readonly deployed?: { readonly at: string; readonly fingerprint: string };
  /** `made` while no one has seen it: such a key may be replaced. */
  readonly adminKey?: "made" | "shown";
  /** When a registration of the number was begun. */
  readonly registeringSince?: string;
  /** The verification whose code was sent to prove the deployment, and when its message was reported as sent. */
  readonly proof?: { readonly verification: string; readonly sentAt?: string };
  /** How many codes were not reported as sent, or not taken. */
  readonly failedProofs?: number;
  readonly steps?: Readonly<Record<string, string>>;
}

export interface StateStore {
  readonly current: State;
  update(part: State): Promise<void>;
}
