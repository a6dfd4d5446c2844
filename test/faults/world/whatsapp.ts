import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { createSimulator, type Simulator } from "../../simulator/simulator.ts";
import type { History, Sent } from "../history.ts";
import type { Random } from "../random.ts";
import { bodyOf, listen } from "./listen.ts";
import { type Answer, answerOf, drawFault, type Fault, HANG_MS, passes, refuses } from "./provider-faults.ts";
import { type Message, readId, readMessage } from "./provider-messages.ts";
import { ACCESS_TOKEN, ACCOUNT, APP_SECRET, SMS_SECRET } from "./settings.ts";
import type { Sky } from "./weather.ts";

/** The phone simulator in WhatsApp's and the SMS gateway's place, behind a line that is often bad. */
export class WhatsApp {
  readonly simulator: Simulator;
  readonly url: string;
  readonly #history: History;
  readonly #sky: Sky;
  readonly #random: Random;
  readonly #close: () => void;
  /** What the phones show, newest last. */
  readonly #phones = new Map<string, Sent[]>();
  /** The provider's ids, by reference. */
  readonly #ids = new Map<string, string>();

  private constructor(
    history: History,
    sky: Sky,
    random: Random,
    { url, simulator, close }: { url: string; simulator: Simulator; close: () => void },
  ) {
    [this.#history, this.#sky, this.#random] = [history, sky, random];
    [this.url, this.simulator, this.#close] = [url, simulator, close];
  }

  /** @param deliver takes the webhooks, signed and ready to be posted. */
  static async open(
    history: History,
    sky: Sky,
    random: Random,
    api: string,
    deliver: (request: Request) => Promise<Response>,
  ): Promise<WhatsApp> {
    const { port, close } = await listen((request, response) => void opened.#serve(request, response));
    const simulator = createSimulator({
      ...ACCOUNT,
      appSecret: APP_SECRET,
      accessToken: ACCESS_TOKEN,
      deliver,
      webhookUrl: `${api}/webhooks/whatsapp`,
      sms: { callbackUrl: `${api}/webhooks/sms`, secret: SMS_SECRET },
    });
    const url = `http://127.0.0.1:${port}`;
    const opened: WhatsApp = new WhatsApp(history, sky, random, { url, simulator, close });
    return opened;
  }

  /** The newest message on a phone that is about a verification. */
  newest(number: string, id: string): Sent | undefined {
    return this.#phones.get(number)?.findLast(({ reference }) => reference.startsWith(id));
  }

  /** The provider's id of a message that its phone got. */
  idOf({ reference }: Pick<Sent, "reference">): string | undefined {
    return this.#ids.get(reference);
  }

  /** The phone tells that its user has read a message. */
  async read(sent: Sent): Promise<void> {
    const id = this.idOf(sent);
    if (id !== undefined && sent.channel === "whatsapp") {
      await this.#control("POST", `/messages/${id}/status`, { status: "read" });
    }
  }

  /** The user taps "I didn't request a code" under a message. */
  async deny(sent: Sent): Promise<void> {
    const tap = { from: sent.number, button_payload: "DID_NOT_REQUEST_CODE", context_id: this.idOf(sent) };
    await this.#control("POST", "/inbound", tap);
  }

  /** From now on WhatsApp takes messages to a number and then finds that nobody is there. */
  async disconnect(number: string): Promise<void> {
    await this.#control("PUT", `/numbers/${encodeURIComponent(number)}`, { on_whatsapp: false });
  }

  close(): void {
    this.simulator.close();
    this.#close();
  }

  async #control(method: string, path: string, body: object): Promise<void> {
    const response = await this.simulator.app.request(`/_sim${path}`, { method, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`The simulator answered ${response.status} to ${path}`);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    if (body === null) return;
    const message = readMessage(request.url ?? "", body);
    const fault = drawFault(this.#sky.weather.whatsApp, this.#random);
    if (fault === "slow") await pause(this.#random.between(100, 1_500));
    const answered = passes(fault) ? await this.#pass(request, body) : null;
    if (message !== null) this.#record(message, answered, fault);
    if (fault === "hang") await pause(HANG_MS);
    if (fault === "hang" || fault?.startsWith("close")) return void request.socket.destroy();
    const { status, text } = answerOf(fault, answered);
    response.writeHead(status, { "content-type": "application/json" });
    response.end(text);
  }

  async #pass({ method = "GET", url = "/", headers }: IncomingMessage, body: string): Promise<Answer> {
    const sent = Object.entries(headers).filter(
      (entry): entry is [string, string] => typeof entry[1] === "string",
    );
    const init = { method, headers: Object.fromEntries(sent), ...(method === "POST" && { body }) };
    const response = await this.simulator.app.request(url, init);
    return { status: response.status, text: await response.text() };
  }

  #record(message: Message, answered: Answer | null, fault: Fault | null): void {
    const isAccepted = answered !== null && answered.status < 300;
    const isRefused = answered === null ? refuses(fault, message.channel) : !isAccepted;
    const outcome = isAccepted ? "accepted" : isRefused ? "refused" : "lost";
    const sent: Sent = { ...message, at: this.#history.now(), outcome };
    this.#history.sent.push(sent);
    if (answered === null || outcome !== "accepted") return;
    this.#ids.set(sent.reference, readId(answered.text));
    const phone = this.#phones.get(sent.number);
    if (phone === undefined) this.#phones.set(sent.number, [sent]);
    else phone.push(sent);
  }
}
