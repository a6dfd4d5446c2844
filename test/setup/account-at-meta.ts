import { DEFAULT_POLICY } from "../../src/phone-number/policy.ts";
import { cloudflareChecks } from "../../src/setup/checks/cloudflare.ts";
import { CHECKS } from "../../src/setup/checks/index.ts";
import { LAST_MIGRATION, QUEUES } from "../../src/setup/checks/platform.ts";
import type { CloudflareFindings } from "../../src/setup/cloudflare-findings.ts";
import { type CheckResult, type Examination, examine, isFault } from "../../src/setup/examination.ts";
import type { Findings, PlatformFindings, SettingsFindings } from "../../src/setup/findings.ts";
import { Graph, type GraphOptions } from "../../src/setup/graph.ts";
import { lookAtMeta } from "../../src/setup/look.ts";
import { type Memory, NOTHING_REMEMBERED } from "../../src/setup/memory.ts";
import { STARTER_NAMES, starter } from "../../src/templates/starter-set/starter-set.ts";
import { createPayload, upsertPayload } from "../../src/templates/whatsapp/payloads.ts";
import type { AccountPatch } from "../simulator/account/settings.ts";
import { createRig, NOW, type Rig, SETTINGS } from "../simulator/rig.ts";
import type { SimulatorState } from "../simulator/store.ts";

export const VERIFY_TOKEN = "a verify token";
/** No number: Meta's answers hold `+1 206-555-0100`, which has to be masked. */
export const SECRETS = [SETTINGS.accessToken, SETTINGS.appSecret, VERIFY_TOKEN, "2065550100", "206-555-0100"];
export const LANGUAGES = ["en_US", "id", "pt_BR"];

/** What a case changes of a healthy deployment. */
export interface Changes {
  readonly account?: AccountPatch;
  /** Control calls of the simulator: path and body. */
  readonly control?: readonly (readonly [method: string, path: string, body?: object])[];
  /** Templates that do not exist at Meta. */
  readonly missing?: readonly string[];
  /** A language that a template does not have. */
  readonly lacking?: { readonly name: string; readonly language: string };
  readonly settings?: Partial<SettingsFindings>;
  readonly memory?: Partial<Memory>;
  readonly platform?: Partial<PlatformFindings>;
  readonly cloudflare?: Partial<CloudflareFindings>;
}

const HEALTHY_SETTINGS: SettingsFindings = {
  phoneNumberIds: [SETTINGS.phoneNumberId],
  businessAccountId: SETTINGS.businessAccountId,
  apiVersion: "v26.0",
  publicUrl: new URL(SETTINGS.webhookUrl).origin,
  templates: [
    {
      name: "verification_code",
      purposes: ["login", "signup"],
      codeLifeSeconds: DEFAULT_POLICY.expiresInSeconds,
    },
  ],
  defaultLanguage: "en_US",
  asksIdentity: true,
  appSecret: "secret",
};

const HEALTHY_MEMORY: Memory = Object.assign({}, NOTHING_REMEMBERED, {
  handshake: { at: NOW - 3_600_000, tokenWasRight: true },
  rightSignatureAt: NOW - 5_000,
  acceptedAt: NOW - 10_000,
  sentAt: NOW - 5_000,
  recipientsToday: 12,
});

const HEALTHY_CLOUDFLARE: CloudflareFindings = {
  isLoggedIn: true,
  missingPermissions: [],
  hasSubdomain: true,
  secretNames: [
    "ADMIN_KEY",
    "SECRET_KEY",
    "WHATSAPP_ACCESS_TOKEN",
    "WHATSAPP_APP_SECRET",
    "WHATSAPP_VERIFY_TOKEN",
  ],
  pendingMigrations: [],
  queues: QUEUES.map((name) => ({ name, consumers: 1 })),
  usage: { plan: "free", codesToday: 100 },
  health: { kind: "answered", status: 200, redirectHost: null, isOurs: true },
  webhook: { kind: "answered", status: 403, redirectHost: null, isOurs: true },
};

let healthyState: SimulatorState | null = null;

/** A deployment and its account at Meta, where everything is as it has to be but for the changes. */
export class AccountAtMeta {
  readonly rig: Rig;
  readonly #changes: Changes;

  private constructor(rig: Rig, changes: Changes) {
    this.rig = rig;
    this.#changes = changes;
  }

  static async with(changes: Changes): Promise<AccountAtMeta> {
    healthyState ??= await stateWithTemplates();
    const { missing = [], lacking } = changes;
    const templates = healthyState.templates.filter(
      ({ name, language }) =>
        !missing.includes(name) && !(name === lacking?.name && language === lacking.language),
    );
    const rig = createRig({
      initialState: structuredClone(Object.assign({}, healthyState, { templates })),
      verifyToken: VERIFY_TOKEN,
      deliver: async (request) => handshake(new URL(request.url)),
    });
    await rig.control("PUT", "/account", Object.assign({ identity_check: true }, changes.account));
    for (const [method, path, body] of changes.control ?? []) await rig.control(method, path, body);
    return new AccountAtMeta(rig, changes);
  }

  graph(more: Partial<GraphOptions> = {}): Graph {
    return new Graph({
      fetch: async (url, init) => this.rig.simulator.app.request(url, init),
      baseUrl: "http://graph.test",
      version: "v26.0",
      accessToken: SETTINGS.accessToken,
      appSecret: SETTINGS.appSecret,
      ...more,
    });
  }

  /** What the doctor finds now. */
  async look(graph = this.graph()): Promise<Findings> {
    const settings = Object.assign({}, HEALTHY_SETTINGS, this.#changes.settings);
    const { memory, platform, cloudflare } = this.#changes;
    return {
      now: NOW,
      settings,
      meta: await lookAtMeta(graph, settings),
      memory: Object.assign({}, HEALTHY_MEMORY, memory),
      platform: Object.assign(
        { lastMigration: LAST_MIGRATION, oldestEventAt: null, deadLetters: 0 },
        platform,
      ),
      cloudflare: Object.assign({}, HEALTHY_CLOUDFLARE, cloudflare),
    };
  }
}

export function examineAll(findings: Findings): Examination {
  return examine(findings, [...CHECKS, ...cloudflareChecks]);
}

export function faultsOf({ checks }: Pick<Examination, "checks">): readonly CheckResult[] {
  return checks.filter(isFault);
}

/** Answers as the Worker's webhook does. */
function handshake({ searchParams: query }: URL): Response {
  if (query.get("hub.mode") === null) return new Response("ok");
  if (query.get("hub.verify_token") !== VERIFY_TOKEN) return new Response(null, { status: 403 });
  return new Response(query.get("hub.challenge"));
}

/** The state of a simulator whose account has the starter set and no other template. */
async function stateWithTemplates(): Promise<SimulatorState> {
  let state: SimulatorState = { messages: [], unreachable: [], templates: [] };
  const rig = createRig({
    initialState: state,
    save: (read) => {
      state = read();
    },
  });
  for (const name of STARTER_NAMES) await createStarter(rig, name, LANGUAGES);
  return state;
}

/** Creates a template of the starter set as the deployment does. */
export async function createStarter(rig: Rig, name: string, languages: readonly string[]): Promise<void> {
  const edge = (path: string) => `/v26.0/${SETTINGS.businessAccountId}/${path}`;
  const { draft } = starter(name, languages);
  if (draft?.category === "authentication") {
    await expectOk(rig.graph("POST", edge("upsert_message_templates"), upsertPayload(name, draft)));
    return;
  }
  for (const [language, texts] of Object.entries(draft?.languages ?? {})) {
    await expectOk(rig.graph("POST", edge("message_templates"), createPayload(name, language, texts)));
  }
}

async function expectOk(answer: Promise<Response>): Promise<void> {
  const response = await answer;
  if (!response.ok) throw new Error(await response.text());
}
