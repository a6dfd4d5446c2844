import type { DeploymentCall } from "../../../src/setup/steps/outside.ts";
import { STARTER_NAMES } from "../../../src/templates/starter-set/starter-set.ts";
import { ACCOUNT } from "../../world/settings.ts";

const WAITS = { status: null, detail: "Waiting: Sandi creates the template once Meta allows it." };

/** A verification that setup has started. */
interface Started {
  readonly id: string;
  readonly to: string;
  readonly status: string;
  readonly at: number;
  readonly idempotencyKey: string | undefined;
}

/** Until a second code may be sent to a number. */
const COOL_DOWN_MS = 60_000;

interface FakeDeploymentOptions {
  readonly secrets: Readonly<Record<string, string>>;
  readonly now: () => number;
  readonly isDeployed: () => boolean;
  readonly subscribe: (takesOver: boolean) => Promise<void>;
}

/** A deployment, as far as setup calls its API. */
export class FakeDeployment {
  readonly keys: string[] = [];
  readonly verifications: Started[] = [];
  readonly templates = new Set<string>();
  lastWebhookAt: string | null = null;
  /** Whether WhatsApp reports messages as sent. */
  reportsSent = true;
  verdict: "ready" | "limited" | "trial" | "blocked" = "ready";
  readonly #options: FakeDeploymentOptions;

  constructor(options: FakeDeploymentOptions) {
    this.#options = options;
  }

  async answer({
    method,
    path,
    key,
    body = {},
    idempotencyKey,
  }: DeploymentCall): Promise<{ status: number; body: unknown } | null> {
    if (!this.#options.isDeployed()) return null;
    if (path === "/health") {
      const isOfTeam = key === this.#options.secrets.ADMIN_KEY;
      return { status: 200, body: { status: "ok", ...(isOfTeam ? { resting: [] } : {}) } };
    }
    if (key !== this.#options.secrets.ADMIN_KEY)
      return { status: 401, body: { title: "The API key is not valid" } };
    const route = `${method} ${path.replace(/\?.*$/, "").replace(/vrf_\d+$/, "{id}")}`;
    const request = body as {
      name: string;
      to: string;
      templates: string[];
      languages: string[];
      take_over: boolean;
    };
    switch (route) {
      case "GET /v1/templates":
        return { status: 200, body: { data: this.#templates(), next: null } };
      case "POST /v1/templates/setup": {
        for (const name of request.templates) this.templates.add(name);
        const rows = request.templates.flatMap((template) =>
          request.languages.map((language) => {
            const waiting = this.verdict === "limited" && template.endsWith("_code");
            const row = { template, language, asked: true, waiting };
            return Object.assign(row, waiting ? WAITS : { status: "APPROVED", detail: null });
          }),
        );
        return { status: 200, body: { data: rows } };
      }
      case "GET /v1/keys":
        return { status: 200, body: { data: this.keys.map((name) => ({ name })), next: null } };
      case "POST /v1/keys":
        this.keys.push(request.name);
        return { status: 201, body: { key: `sandi_${this.keys.length}` } };
      case "POST /v1/verifications": {
        const repeated = this.verifications.find((started) => started.idempotencyKey === idempotencyKey);
        if (repeated !== undefined) return { status: 201, body: this.#verification(repeated.id) };
        const pending = this.verifications.find(({ at }) => at > this.#options.now() - COOL_DOWN_MS);
        if (pending !== undefined)
          return { status: 429, body: { verification: this.#verification(pending.id) } };
        const id = `vrf_${this.verifications.length}`;
        const status = this.reportsSent ? "sent" : "queued";
        this.verifications.push({ id, to: request.to, status, at: this.#options.now(), idempotencyKey });
        return { status: 201, body: this.#verification(id) };
      }
      case "GET /v1/verifications/{id}":
        return { status: 200, body: this.#verification(path.split("/").at(-1) ?? "") };
      case "GET /v1/senders": {
        const sender = { phone_number_id: ACCOUNT.phoneNumberId, last_webhook_at: this.lastWebhookAt };
        return { status: 200, body: { data: [sender] } };
      }
      case "POST /v1/doctor/repairs":
        await this.#options.subscribe(request.take_over);
        return { status: 200, body: { data: [] } };
      case "GET /v1/doctor":
        return {
          status: 200,
          body: { verdict: this.verdict, next: "Nothing: every check is fine.", checks: [] },
        };
      default:
        return { status: 404, body: { title: "Not found" } };
    }
  }

  #verification(id: string) {
    const { status = "queued" } = this.verifications.find((candidate) => candidate.id === id) ?? {};
    return { id, status: "pending", messages: [{ channel: "whatsapp", status, error: null }] };
  }

  #templates() {
    const languages = { en_US: {}, id: {} };
    return STARTER_NAMES.filter((name) => this.templates.has(name)).map((name) => ({ name, languages }));
  }
}
