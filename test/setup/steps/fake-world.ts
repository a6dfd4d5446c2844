import { Graph } from "../../../src/setup/graph.ts";
import { type Flags, readOptions } from "../../../src/setup/steps/options.ts";
import type { Deploy, State } from "../../../src/setup/steps/outside.ts";
import {
  type Done,
  EXIT,
  nothingKnown,
  type Setup,
  type Shown,
  type Step,
  type Stop,
} from "../../../src/setup/steps/step.ts";
import { verdictOf, walk } from "../../../src/setup/steps/walk.ts";
import { WEBHOOK_FIELDS } from "../../../src/setup/webhook-address.ts";
import type { AccountPatch } from "../../simulator/account/settings.ts";
import { createSimulator } from "../../simulator/simulator.ts";
import { ACCOUNT } from "../../world/settings.ts";
import { FakeDeployment } from "./fake-deployment.ts";

/** An account at Meta with which nothing has been done yet, and all that Meta asks for before. */
export const FRESH: AccountPatch = {
  webhook: { url: null, fields: [], verify_token: null },
  subscribed: false,
  status: "PENDING",
  platform_type: "NOT_APPLICABLE",
};

const URL_OF_WORKER = "https://sandi.acme.workers.dev";
const TOKEN = "EAAtest-access-token";
const SECRET = "0123456789abcdef0123456789abcdef";

/** The run has ended in the middle of a call to the outside. */
export class Killed extends Error {}

/** What a process that was killed waits for. */
function never(): Promise<never> {
  return new Promise(() => {});
}

export interface FakeRunOptions {
  readonly flags?: Flags;
  readonly env?: Readonly<Record<string, string>>;
  /** Ends the run after this call to the outside, counted from 1: it has had its effect, and its answer is lost. */
  readonly killAfter?: number;
}

export interface FakeRun {
  readonly exit: number;
  /** Where a step has stopped, its sentence; else the verdict's. */
  readonly sentence: string;
  readonly proofs: Readonly<Record<string, string>>;
  readonly shown: readonly Shown[];
  /** Calls to the outside. */
  readonly calls: number;
}

/**
 * Setup's steps against the simulator as Meta, with stand-ins for Cloudflare and for the deployment in this process, where
 * a run takes milliseconds.
 */
export class FakeWorld {
  /** Secrets as they were uploaded, one entry for each upload. */
  readonly uploads: Readonly<Record<string, string>>[] = [];
  readonly secrets: Record<string, string> = {};
  /** Calls that change something at Meta, as `POST 200000000000002/subscribed_apps`. */
  readonly changes: string[] = [];
  readonly registrations: string[] = [];
  /** The settings that took the place of wrangler.toml in the last deploy. */
  adopted: string | null = null;
  /** The Cloudflare account that setup has chosen. */
  accountId: string | null = null;
  state: State = {};
  toml: string;
  wrangler: (args: readonly string[]) => { code: number; stdout: string; output: string } | null = () => null;
  now = Date.parse("2026-11-30T12:00:00Z");
  readonly deployment: FakeDeployment;
  readonly #simulator;
  #shown: Shown[] = [];

  constructor(toml: string, account: AccountPatch) {
    this.toml = toml;
    this.#simulator = createSimulator({
      ...ACCOUNT,
      accessToken: TOKEN,
      appSecret: SECRET,
      webhookUrl: `${URL_OF_WORKER}/webhooks/whatsapp`,
      deliver: async (request) => this.#answerHandshake(new URL(request.url)),
      now: () => this.now,
    });
    this.deployment = new FakeDeployment({
      secrets: this.secrets,
      now: () => this.now,
      isDeployed: () => this.uploads.length > 0,
      subscribe: (takesOver) => this.#subscribe(takesOver),
    });
    this.ready = this.account(account);
  }

  readonly ready: Promise<void>;

  async account(patch: AccountPatch): Promise<void> {
    const init = { method: "PUT", body: JSON.stringify(patch) };
    const response = await this.#simulator.app.request("/_sim/account", init);
    if (!response.ok) throw new Error(await response.text());
  }

  async settings(): Promise<{
    pin: string | null;
    webhook: { url: string | null; fields: string[] };
    subscribed: boolean;
  }> {
    return (await this.#simulator.app.request("/_sim/account")).json();
  }

  /** The value that a run has shown once, of all runs. */
  shownOnce(label: string): string | undefined {
    const found = this.#shown.find((shown) => shown.kind === "once" && shown.label === label);
    return found?.kind === "once" ? found.value : undefined;
  }

  async run({ flags = {}, env = {}, killAfter }: FakeRunOptions = {}): Promise<FakeRun> {
    await this.ready;
    const environment = { WHATSAPP_ACCESS_TOKEN: TOKEN, WHATSAPP_APP_SECRET: SECRET, ...env };
    const reading = readOptions(
      { yes: true, "test-to": "+6281234567890", ...flags },
      environment,
      () => null,
      false,
    );
    if (reading.kind === "invalid") {
      return { exit: EXIT.usage, sentence: reading.sentence, proofs: {}, shown: [], calls: 0 };
    }
    let calls = 0;
    let isKilled = false;
    let kill: () => void = () => {};
    const killed = new Promise<never>((_, reject) => {
      kill = () => {
        isKilled = true;
        reject(new Killed());
      };
    });
    const outside = async <T>(act: () => T | Promise<T>): Promise<T> => {
      if (isKilled) return never();
      calls += 1;
      const isLast = calls === killAfter;
      const result = await act();
      if (isLast) kill();
      return isKilled ? never() : result;
    };
    const shown: Shown[] = [];
    const proofs: Record<string, string> = {};
    const setup = this.#assemble(reading.options, outside, (entry) => {
      shown.push(entry);
      this.#shown.push(entry);
    });
    const watcher = {
      began: () => {},
      ended: ({ id }: Step, _: number, outcome: Done | Stop) => {
        if (outcome.kind === "done") proofs[id] = outcome.proof;
      },
    };
    const walked = await Promise.race([walk(setup, watcher), killed]);
    const end = walked.kind === "stop" ? walked : verdictOf(setup);
    return { exit: end.exit, sentence: end.sentence, proofs, shown, calls };
  }

  #assemble(
    options: Setup["options"],
    outside: <T>(act: () => T | Promise<T>) => Promise<T>,
    print: (shown: Shown) => void,
  ): Setup {
    const known = { ...nothingKnown(), accessToken: options.accessToken, appSecret: options.appSecret };
    const world = this;
    const deploy = ({ secrets, settings }: Deploy) => {
      this.adopted = settings ?? null;
      return this.#deploy(secrets);
    };
    return {
      options,
      known,
      project: {
        readSettings: async () => this.toml,
        writeSettings: (text) =>
          outside(() => {
            this.toml = text;
          }),
        fingerprint: async (values) => `${values.join().length} of ${this.toml.length}`,
      },
      cloudflare: {
        accountId: null,
        useAccount: (id) => {
          this.accountId = id;
        },
        run: (args) => outside(() => this.#wrangler(args)),
        login: async () => {},
        deploy: (request) => outside(() => deploy(request)),
      },
      deployment: { call: (call) => outside(() => this.deployment.answer(call)) },
      state: {
        get current() {
          return world.state;
        },
        update: (part) =>
          outside(() => {
            this.state = { ...this.state, ...part };
          }),
      },
      prompt: null,
      graph: () =>
        new Graph({
          fetch: (url, init) => outside(() => this.#graph(url, init)),
          baseUrl: "http://127.0.0.1:9",
          version: "v26.0",
          accessToken: known.accessToken ?? "",
          appSecret: known.appSecret ?? "",
        }),
      print,
      random: {
        key: () => `key-${Math.random().toString(36).slice(2)}`.padEnd(43, "x"),
        pin: () => "314159",
      },
      now: () => this.now,
      pause: async (ms) => {
        this.now += ms;
      },
    };
  }

  #graph(url: string, init: RequestInit): Response | Promise<Response> {
    const { pathname, search } = new URL(url);
    const path = pathname.replace(/^\/v[\d.]+\//, "");
    if (init.method !== "GET") this.changes.push(`${init.method} ${path}`);
    if (path.endsWith("/register")) this.registrations.push(JSON.parse(String(init.body)).pin);
    return this.#simulator.app.request(`${pathname}${search}`, init);
  }

  #wrangler(args: readonly string[]) {
    const scripted = this.wrangler(args);
    if (scripted !== null) return scripted;
    const command = args.slice(0, 2).join(" ");
    const answers: Record<string, string> = {
      "whoami --json": JSON.stringify({ loggedIn: true, accounts: [{ name: "Acme" }] }),
      "secret list": JSON.stringify(Object.keys(this.secrets).map((name) => ({ name }))),
    };
    if (command === "secret list" && this.uploads.length === 0) {
      return { code: 1, stdout: "", output: 'Worker "sandi" not found.' };
    }
    const stdout = answers[command] ?? "";
    return { code: 0, stdout, output: stdout };
  }

  #deploy(secrets: Readonly<Record<string, string>>) {
    const failed = this.wrangler(["deploy"]);
    if (failed !== null) return { ...failed, targets: [] };
    this.uploads.push(secrets);
    Object.assign(this.secrets, secrets);
    return { code: 0, stdout: "", output: "", targets: [URL_OF_WORKER] };
  }

  #answerHandshake(url: URL): Response {
    const isRight = url.searchParams.get("hub.verify_token") === this.secrets.WHATSAPP_VERIFY_TOKEN;
    return isRight
      ? new Response(url.searchParams.get("hub.challenge"))
      : new Response("The verify token is not ours", { status: 403 });
  }

  /** As the deployment does it, which knows its verify token. */
  async #subscribe(takesOver: boolean): Promise<void> {
    const { webhook } = await this.settings();
    if (webhook.url === null || takesOver) {
      const patch = {
        url: `${URL_OF_WORKER}/webhooks/whatsapp`,
        fields: [...WEBHOOK_FIELDS],
        verify_token: null,
      };
      await this.account({ webhook: patch });
    }
  }
}
