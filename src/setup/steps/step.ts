import type { Graph } from "../graph.ts";
import type { Account, App, Token } from "../meta-nodes.ts";
import type { OwnNumber } from "./meta.ts";
import type { Options } from "./options.ts";
import type { Outlook } from "./outlook.ts";
import type { Cloudflare, Deployment, Project, Prompt, StateStore } from "./outside.ts";

/** The steps of `npm run setup`, in their order. */
export const STEP_IDS = [
  "token",
  "secret",
  "outlook",
  "settings",
  "login",
  "deploy",
  "answers",
  "number",
  "app_webhook",
  "account_webhook",
  "templates",
  "key",
  "proof",
  "doctor",
] as const;

export type StepId = (typeof STEP_IDS)[number];

/** One step: what is done already is seen by looking at the world, so that a run can end anywhere and begin anew. */
export interface Step {
  readonly id: StepId;
  /** At most 15 characters, for the left column of the screen. */
  readonly title: string;
  /** Looks, and changes nothing. */
  readonly isDone: (setup: Setup) => Promise<Done | Todo | Stop>;
  readonly do: (setup: Setup) => Promise<Done | Stop>;
}

export interface Done {
  readonly kind: "done";
  /** What shows it, in a few words. */
  readonly proof: string;
  /** True where the step could not do all of its work, and the proof says so. */
  readonly isPartial?: boolean;
  /** What belongs to it and is longer. */
  readonly notes?: readonly Note[];
}

export interface Note {
  readonly text: string;
  readonly url?: string;
}

export interface Todo {
  readonly kind: "todo";
}

/** The steps after it are left undone; the same command goes on from here. */
export interface Stop {
  readonly kind: "stop";
  /** What stands in the way and what to do about it. */
  readonly sentence: string;
  readonly exit: typeof EXIT.failed | typeof EXIT.usage;
}

/** The exit codes of the command. */
export const EXIT = { ready: 0, failed: 1, usage: 2, limited: 3 } as const;

export const TODO: Todo = { kind: "todo" };

export function done(proof: string): Done {
  return { kind: "done", proof };
}

export function stop(sentence: string): Stop {
  return { kind: "stop", sentence, exit: EXIT.failed };
}

/** For what was left out of the command itself. */
export function usage(sentence: string): Stop {
  return { kind: "stop", sentence, exit: EXIT.usage };
}

/** What a run works with: everything outside of it is injected. */
export interface Setup {
  readonly options: Options;
  readonly known: Known;
  readonly project: Project;
  readonly cloudflare: Cloudflare;
  readonly deployment: Deployment;
  readonly state: StateStore;
  /** Null with `--yes`. */
  readonly prompt: Prompt | null;
  /** Meta's API with the token and the secret that are known by now. */
  readonly graph: (limits?: { readonly timeoutMs: number }) => Graph;
  /** Shows lines between the steps, such as a key that is shown once. */
  readonly print: (lines: Shown) => void;
  readonly random: { key(): string; pin(): string };
  readonly now: () => number;
  readonly pause: (ms: number) => Promise<void>;
}

/** What is printed between two steps. */
export type Shown =
  | { readonly kind: "once"; readonly label: string; readonly value: string; readonly note: string }
  | (Note & { readonly kind: "note" });

/** What this run has learned. Secrets are here only, and never in the state file. */
export interface Known {
  accessToken: string | null;
  appSecret: string | null;
  adminKey: string | null;
  verifyToken: string | null;
  /** The names of the Worker's secrets; null where there is no Worker yet. */
  secretNames: readonly string[] | null;
  /** What wrangler lists of the account's queues. */
  queueList: string;
  token: Token | null;
  app: App | null;
  account: Account | null;
  number: OwnNumber | null;
  outlook: Outlook | null;
  /** The origin of the deployment. */
  url: string | null;
  /** Whether this run has uploaded the Worker, with secrets that take effect in a moment. */
  isUploaded: boolean;
  /** Whether this run has seen a code of its own sent, or heard of a message to the number. */
  isProven: boolean;
  /** The verdict of the doctor, and the first thing to do; null where nothing is. */
  examined: { readonly verdict: string; readonly next: string | null } | null;
}

export function nothingKnown(): Known {
  return {
    accessToken: null,
    appSecret: null,
    adminKey: null,
    verifyToken: null,
    secretNames: null,
    queueList: "",
    token: null,
    app: null,
    account: null,
    number: null,
    outlook: null,
    url: null,
    isUploaded: false,
    isProven: false,
    examined: null,
  };
}

/** Of a step that runs after the one that learns it. */
export function learned<Name extends keyof Known>({ known }: Setup, name: Name): NonNullable<Known[Name]> {
  const value = known[name];
  if (value === null) throw new Error(`No earlier step has learned: ${name}`);
  return value;
}
