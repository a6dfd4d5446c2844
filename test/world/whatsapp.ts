import { createSimulator, type Simulator } from "../simulator/simulator.ts";
import { acceptance, readMessage, type SentMessage } from "./messages.ts";
import { ACCESS_TOKEN, ACCOUNT, APP_SECRET, SMS_SECRET, VERIFY_TOKEN } from "./settings.ts";

export interface ProviderRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface ProviderResponse {
  readonly status: number;
  readonly text: string;
  readonly contentType: string;
}

export interface WhatsAppOptions {
  /** Where the Worker receives webhooks. */
  readonly workerUrl: string;
  /** Delivers the simulator's signed webhooks. */
  readonly deliver: (request: Request) => Promise<Response>;
  /** Accepts every message at once, without the simulator's checks and webhooks, and passes it on. */
  readonly acceptAll?: (message: SentMessage) => void;
}

/**
 * The tests' stand-in for WhatsApp and the SMS gateway: the simulator, with the test deployment's credentials.
 * Load tests, which need no webhooks, let it accept every message unchecked.
 */
export class WhatsApp {
  readonly simulator: Simulator;
  readonly #acceptAll: WhatsAppOptions["acceptAll"];
  #accepted = 0;

  constructor({ workerUrl, deliver, acceptAll }: WhatsAppOptions) {
    this.#acceptAll = acceptAll;
    this.simulator = createSimulator({
      ...ACCOUNT,
      appSecret: APP_SECRET,
      accessToken: ACCESS_TOKEN,
      verifyToken: VERIFY_TOKEN,
      webhookUrl: `${workerUrl}/webhooks/whatsapp`,
      sms: { callbackUrl: `${workerUrl}/webhooks/sms`, secret: SMS_SECRET },
      deliver,
    });
  }

  /** Handles a request of the Worker. */
  async handle({ method, path, headers, body }: ProviderRequest): Promise<ProviderResponse> {
    const message = this.#acceptAll === undefined ? null : readMessage(path, body);
    if (message !== null) {
      this.#accepted += 1;
      const id = `wamid.${this.#accepted}`;
      this.#acceptAll?.({ ...message, id });
      return { status: 200, text: JSON.stringify(acceptance(message, id)), contentType: "application/json" };
    }
    const init: RequestInit = { method, headers };
    if (body !== "") init.body = body;
    const response = await this.simulator.app.request(path, init);
    return {
      status: response.status,
      text: await response.text(),
      contentType: response.headers.get("content-type") ?? "text/plain",
    };
  }

  /** A call of the simulator's control API, such as `POST /inbound`. */
  async control(method: string, path: string, body: object): Promise<void> {
    const response = await this.simulator.app.request(`/_sim${path}`, { method, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`The simulator responded ${response.status} to ${path}`);
  }

  close(): void {
    this.simulator.close();
  }
}
