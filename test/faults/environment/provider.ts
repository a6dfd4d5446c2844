import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { type OutgoingMessage, readMessage, readMessageId } from "../../world/messages.ts";
import { listen, readBody } from "../../world/network.ts";
import type { Random } from "../../world/random.ts";
import { WhatsApp } from "../../world/whatsapp.ts";
import type { History, SentMessage } from "../history.ts";
import { personOf } from "../people.ts";
import type { Faults } from "./fault-rates.ts";
import {
  answerWith,
  drawProviderFault,
  HANG_MS,
  isRefusal,
  type ProviderAnswer,
  type ProviderFault,
  reachesProvider,
} from "./provider-faults.ts";

/** The stand-in for WhatsApp and the SMS gateway, behind an unreliable network. */
export class Provider {
  readonly url: string;
  readonly #whatsApp: WhatsApp;
  readonly #history: History;
  readonly #faults: Faults;
  readonly #random: Random;
  readonly #close: () => void;
  /** The messages on each phone, newest last. */
  readonly #phones = new Map<string, SentMessage[]>();

  private constructor(
    history: History,
    faults: Faults,
    random: Random,
    { url, whatsApp, close }: { url: string; whatsApp: WhatsApp; close: () => void },
  ) {
    [this.#history, this.#faults, this.#random] = [history, faults, random];
    [this.url, this.#whatsApp, this.#close] = [url, whatsApp, close];
  }

  /** @param deliver Receives the webhooks, signed and ready to be posted. */
  static async open(
    history: History,
    faults: Faults,
    random: Random,
    workerUrl: string,
    deliver: (request: Request) => Promise<Response>,
  ): Promise<Provider> {
    const { port, close } = await listen((request, response) => void provider.#serve(request, response));
    const whatsApp = new WhatsApp({ workerUrl, deliver });
    const url = `http://127.0.0.1:${port}`;
    const provider: Provider = new Provider(history, faults, random, { url, whatsApp, close });
    return provider;
  }

  /** The newest message of a verification on a phone. */
  newest(number: string, id: string): SentMessage | undefined {
    return this.#phones.get(number)?.findLast(({ reference }) => reference.startsWith(id));
  }

  /** The messages on a phone, newest last. */
  messagesOf(number: string): readonly SentMessage[] {
    return this.#phones.get(number) ?? [];
  }

  /** Reports a message as read, as a phone with read receipts does. */
  async markRead(message: SentMessage): Promise<void> {
    const { messageId, channel } = message;
    if (messageId !== null && channel === "whatsapp") {
      await this.#whatsApp.control("POST", `/messages/${messageId}/status`, { status: "read" });
    }
  }

  /** The user taps "I didn't request a code" under a message. */
  async deny(message: SentMessage): Promise<void> {
    await this.#whatsApp.control("POST", "/inbound", {
      from: message.number,
      button_payload: "DID_NOT_REQUEST_CODE",
      context_id: message.messageId ?? undefined,
    });
  }

  /** The user writes to the business. */
  async write(number: string, text: string): Promise<void> {
    await this.#whatsApp.control("POST", "/inbound", { from: number, text });
  }

  /** From now on, WhatsApp knows the person of a dialled number by another one. */
  async setAccount(dialled: string, account: string): Promise<void> {
    await this.#whatsApp.control("PUT", `/numbers/${encodeURIComponent(dialled)}`, {
      wa_id: account.slice(1),
    });
  }

  /** From now on, WhatsApp accepts messages to the number and then reports them as undeliverable. */
  async disconnect(number: string): Promise<void> {
    await this.#whatsApp.control("PUT", `/numbers/${encodeURIComponent(number)}`, { on_whatsapp: false });
  }

  close(): void {
    this.#whatsApp.close();
    this.#close();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    if (body === null) return;
    const message = readMessage(request.url ?? "", body);
    const fault = drawProviderFault(this.#faults.rates.provider, this.#random);
    if (fault === "slow") await pause(this.#random.between(100, 1_500));
    const answered = reachesProvider(fault) ? await this.#handle(request, body) : null;
    if (message !== null && isOfVerification(message)) this.#record(message, answered, fault);
    if (fault === "hang") await pause(HANG_MS);
    if (fault === "hang" || fault?.startsWith("close")) return void request.socket.destroy();
    const { status, text } = answerWith(fault, answered);
    response.writeHead(status, { "content-type": "application/json" });
    response.end(text);
  }

  #handle({ method = "GET", url = "/", headers }: IncomingMessage, body: string): Promise<ProviderAnswer> {
    const single = Object.entries(headers).filter(
      (entry): entry is [string, string] => typeof entry[1] === "string",
    );
    return this.#whatsApp.handle({ method, path: url, headers: Object.fromEntries(single), body });
  }

  #record(message: OutgoingMessage, answered: ProviderAnswer | null, fault: ProviderFault | null): void {
    const isAccepted = answered !== null && answered.status < 300;
    const isRefused = answered === null ? isRefusal(fault, message.channel) : !isAccepted;
    const sent: SentMessage = {
      number: personOf(message.number),
      reference: message.reference ?? "",
      code: message.code ?? "",
      messageId: isAccepted ? readMessageId(answered.text) : null,
      channel: message.channel,
      at: this.#history.now(),
      outcome: isAccepted ? "accepted" : isRefused ? "refused" : "lost",
    };
    this.#history.messages.push(sent);
    if (!isAccepted) return;
    const phone = this.#phones.get(sent.number);
    if (phone === undefined) this.#phones.set(sent.number, [sent]);
    else phone.push(sent);
  }
}

/** Notifications have other callback data. */
function isOfVerification({ reference }: OutgoingMessage): boolean {
  return reference?.startsWith("vrf_") ?? false;
}
