import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunningSimulator, startSimulator } from "../simulator/server.ts";
import type { Rate } from "../simulator/traffic.ts";
import { freePorts } from "../world/dev.ts";
import { type DevWorker, prepareState, SECRETS, startDevWorker } from "../world/dev-worker.ts";
import { ACCOUNT } from "../world/settings.ts";

/**
 * A file system in memory, because thousands of objects share a local disk and every write waits for the others.
 * It survives the death of the Worker as a disk does.
 */
const MEMORY = "/dev/shm";

const TEMPLATE = "shipping_update";
const TEXT = "Hi {{name}}, order {{order}} has shipped.";
const EXAMPLES = { name: "Ana", order: "A-77" };

export interface BatchBody {
  readonly id: string;
  readonly status: string;
  readonly total: number;
  readonly counts: Readonly<
    Record<"waiting" | "sending" | "sent" | "failed" | "opted_out" | "canceled", number>
  >;
}

/** A Worker under `wrangler dev` that can be killed, and the simulator, which runs in this process and counts sends. */
export class Scene {
  readonly #state: string;
  readonly #port: number;
  readonly #simulator: RunningSimulator;
  #worker: DevWorker;

  private constructor(state: string, port: number, simulator: RunningSimulator, worker: DevWorker) {
    [this.#state, this.#port, this.#simulator, this.#worker] = [state, port, simulator, worker];
  }

  /** Starts both, with an approved utility template of two parameters. */
  static async open(): Promise<Scene> {
    const state = await mkdtemp(join(existsSync(MEMORY) ? MEMORY : tmpdir(), "sandi-scene-"));
    const ports = await freePorts();
    const { appSecret, accessToken } = SECRETS;
    const simulator = await startSimulator({
      ...ACCOUNT,
      appSecret,
      accessToken,
      port: ports.phone,
      webhookUrl: `http://127.0.0.1:${ports.api}/webhooks/whatsapp`,
    });
    await createTemplate(simulator.url);
    await prepareState(state, {
      [TEMPLATE]: {
        name: TEMPLATE,
        category: "utility",
        languages: { en_US: { status: "APPROVED", body: TEXT } },
      },
    });
    return new Scene(state, ports.api, simulator, await startDevWorker(ports.api, state, simulator.url));
  }

  /** Kills the Worker and starts another on the state that it left. */
  async killAndRestart(): Promise<void> {
    await this.#worker.end("SIGKILL");
    this.#worker = await startDevWorker(this.#port, this.#state, this.#simulator.url);
  }

  async api<Body>(method: string, path: string, body?: object): Promise<{ status: number; body: Body }> {
    const response = await fetch(`${this.#worker.api}${path}`, {
      method,
      headers: { authorization: `Bearer ${SECRETS.adminKey}` },
      body: body === undefined ? null : JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Body };
  }

  /** Creates a batch for the numbers. @returns its id */
  async handIn(numbers: readonly string[]): Promise<string> {
    const recipients = numbers.map((to) => ({ to, parameters: EXAMPLES }));
    const { status, body } = await this.api<BatchBody>("POST", "/v1/notifications/batches", {
      template: TEMPLATE,
      locale: "en",
      recipients,
    });
    if (status !== 202) throw new Error(`A batch was answered ${status} ${JSON.stringify(body)}`);
    return body.id;
  }

  async read(id: string): Promise<BatchBody> {
    return (await this.api<BatchBody>("GET", `/v1/notifications/batches/${id}`)).body;
  }

  /** The rate of sends that reached WhatsApp: those of the batch, or all. */
  async rate(of: "batch" | "all"): Promise<Rate> {
    const query = of === "batch" ? `?template=${TEMPLATE}` : "";
    return (await fetch(`${this.#simulator.url}/_sim/rate${query}`)).json() as Promise<Rate>;
  }

  async behave(behaviour: object): Promise<void> {
    await fetch(`${this.#simulator.url}/_sim/behaviour`, { method: "PUT", body: JSON.stringify(behaviour) });
  }

  /** The output of the Worker since its last start. */
  output(): string {
    return this.#worker.output();
  }

  async close(): Promise<void> {
    await this.#worker.end("SIGTERM");
    await this.#simulator.close();
    await rm(this.#state, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Creates the template with WhatsApp's own call; the simulator approves it at once. */
async function createTemplate(url: string): Promise<void> {
  const examples = Object.entries(EXAMPLES).map(([param_name, example]) => ({ param_name, example }));
  const component = { type: "BODY", text: TEXT, example: { body_text_named_params: examples } };
  const response = await fetch(`${url}/v26.0/${ACCOUNT.businessAccountId}/message_templates`, {
    method: "POST",
    headers: { authorization: `Bearer ${SECRETS.accessToken}`, "content-type": "application/json" },
    body: JSON.stringify({
      name: TEMPLATE,
      language: "en_US",
      category: "UTILITY",
      parameter_format: "NAMED",
      components: [component],
    }),
  });
  if (!response.ok) throw new Error(`The template was answered ${response.status} ${await response.text()}`);
}
