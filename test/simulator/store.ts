import { type AccountState, MetaAccount } from "./account/account.ts";
import type { AccountOptions } from "./account/settings.ts";
import type { InboundMessage, Message } from "./messages.ts";
import { TemplateShelf, type TemplateState } from "./templates/shelf.ts";

/** The state that is kept across restarts, as JSON. */
export interface SimulatorState extends TemplateState, AccountState {
  /** Oldest first. */
  messages: Message[];
  /** Numbers without a WhatsApp account, E.164 with the plus sign. */
  unreachable: string[];
  /** Numbers without SMS; absent in files of older simulators. */
  unreachableBySms?: string[];
  /** WhatsApp's ids that are not their number's digits, by number; absent in files of older simulators. */
  waIds?: Record<string, string>;
  /** Messages of users, oldest first; absent in files of older simulators. */
  inbound?: InboundMessage[];
}

export type Change =
  | { type: "message"; message: Message }
  | { type: "inbound"; message: InboundMessage }
  | { type: "unreachable"; numbers: string[]; by_sms: string[] }
  | { type: "templates" }
  | { type: "account" }
  | { type: "forgotten" };

/** Enough for a load test to read its codes, and few enough to keep in memory and save. */
const MESSAGES_KEPT = 10_000;

/** The simulator's state and its change listeners. */
export class Store {
  readonly templates: TemplateShelf;
  readonly account: MetaAccount;
  readonly #messages: Map<string, Message>;
  readonly #inbound: Map<string, InboundMessage>;
  readonly #lastInbound: Map<string, InboundMessage>;
  readonly #unreachable: Set<string>;
  readonly #unreachableBySms: Set<string>;
  readonly #waIds: Map<string, string>;
  /** The numbers of users by their ids, of those who have written since the simulator started. */
  readonly #users = new Map<string, string>();
  readonly #listeners = new Set<(change: Change) => void>();

  constructor(account: AccountOptions, state?: SimulatorState) {
    this.account = new MetaAccount(account, state, () => this.#announce({ type: "account" }));
    this.templates = new TemplateShelf(state, () => this.#announce({ type: "templates" }));
    this.#messages = new Map(state?.messages.map((message) => [message.id, message]));
    this.#inbound = new Map(state?.inbound?.map((message) => [message.id, message]));
    this.#lastInbound = new Map(state?.inbound?.map((message) => [message.from, message]));
    this.#unreachable = new Set(state?.unreachable);
    this.#unreachableBySms = new Set(state?.unreachableBySms);
    this.#waIds = new Map(Object.entries(state?.waIds ?? {}));
  }

  state(): SimulatorState {
    return {
      messages: [...this.#messages.values()],
      inbound: [...this.#inbound.values()],
      unreachable: [...this.#unreachable],
      unreachableBySms: [...this.#unreachableBySms],
      waIds: Object.fromEntries(this.#waIds),
      ...this.templates.state(),
      ...this.account.state(),
    };
  }

  /** Newest first; all numbers when `to` is left out. */
  messages(to?: string): Message[] {
    const all = [...this.#messages.values()].reverse();
    return to === undefined ? all : all.filter((message) => message.to === to);
  }

  message(id: string): Message | undefined {
    return this.#messages.get(id);
  }

  /** Adds a message, or replaces the one with the same id. */
  putMessage(message: Message): void {
    keep(this.#messages, message);
    this.#announce({ type: "message", message });
  }

  /** Messages of users, newest first; of all numbers when `from` is left out. */
  inbound(from?: string): InboundMessage[] {
    const all = [...this.#inbound.values()].reverse();
    return from === undefined ? all : all.filter((message) => message.from === from);
  }

  /** The time of a user's last message, in milliseconds since the epoch; null without one. */
  lastInboundMs(from: string): number | null {
    const last = this.#lastInbound.get(from);
    return last === undefined ? null : Date.parse(last.created_at);
  }

  putInbound(message: InboundMessage): void {
    keep(this.#inbound, message);
    this.#lastInbound.set(message.from, message);
    this.#announce({ type: "inbound", message });
  }

  isOnWhatsApp(number: string): boolean {
    return !this.#unreachable.has(number);
  }

  setOnWhatsApp(number: string, onWhatsApp: boolean): void {
    this.#setReachable(this.#unreachable, number, onWhatsApp);
  }

  getsSms(number: string): boolean {
    return !this.#unreachableBySms.has(number);
  }

  setGetsSms(number: string, getsSms: boolean): void {
    this.#setReachable(this.#unreachableBySms, number, getsSms);
  }

  /** WhatsApp's id of a number's account: its digits, unless the account is older than a change of the number. */
  waIdOf(number: string): string {
    return this.#waIds.get(number) ?? number.slice(1);
  }

  setWaId(number: string, waId: string): void {
    this.#waIds.set(number, waId);
  }

  rememberUser(userId: string, number: string): void {
    this.#users.set(userId, number);
  }

  /** The number of the user with this id; undefined for one who has not written. */
  userNumber(userId: string): string | undefined {
    return this.#users.get(userId);
  }

  /** The number of the account that WhatsApp reaches under a number or under its id. */
  ownerOf(number: string): string {
    const owner = [...this.#waIds].find(([, waId]) => waId === number.slice(1));
    return owner?.[0] ?? number;
  }

  #setReachable(unreachable: Set<string>, number: string, reachable: boolean): void {
    if (reachable) unreachable.delete(number);
    else unreachable.add(number);
    this.#announce({
      type: "unreachable",
      numbers: [...this.#unreachable],
      by_sms: [...this.#unreachableBySms],
    });
  }

  /** Resets to the initial state. */
  forget(): void {
    for (const memory of [this.#messages, this.#inbound, this.#lastInbound]) memory.clear();
    for (const numbers of [this.#unreachable, this.#unreachableBySms, this.#waIds, this.#users])
      numbers.clear();
    this.templates.forget();
    this.account.forget();
    this.#announce({ type: "forgotten" });
  }

  /** @returns a function that ends the subscription */
  subscribe(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #announce(change: Change): void {
    for (const listener of this.#listeners) listener(change);
  }
}

/** Adds or replaces, and keeps the newest ten thousand. */
function keep<T extends { id: string }>(memory: Map<string, T>, entry: T): void {
  memory.set(entry.id, entry);
  for (const oldest of memory.keys()) {
    if (memory.size <= MESSAGES_KEPT) break;
    memory.delete(oldest);
  }
}
