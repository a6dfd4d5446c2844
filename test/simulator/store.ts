import type { Message } from "./messages.ts";
import { startingTemplates, type Template } from "./templates.ts";

/** What outlives a restart, as plain JSON. */
export interface SimulatorState {
  /** Oldest first. */
  messages: Message[];
  templates: Template[];
  /** Numbers without a WhatsApp account, E.164 with the plus sign. */
  unreachable: string[];
  /** Numbers that no SMS reaches; files of an older simulator have none. */
  unreachableBySms?: string[];
}

export type Change =
  | { type: "message"; message: Message }
  | { type: "unreachable"; numbers: string[]; by_sms: string[] }
  | { type: "templates" }
  | { type: "forgotten" };

/** Enough for a load test to read its codes back, little enough to keep and to save. */
const MESSAGES_KEPT = 10_000;

/** Everything the simulator remembers, and who wants to hear when it changes. */
export class Store {
  readonly #messages: Map<string, Message>;
  readonly #templates: Map<string, Template>;
  readonly #unreachable: Set<string>;
  readonly #unreachableBySms: Set<string>;
  readonly #listeners = new Set<(change: Change) => void>();

  constructor(state: SimulatorState = { messages: [], templates: startingTemplates(), unreachable: [] }) {
    this.#messages = new Map(state.messages.map((message) => [message.id, message]));
    this.#templates = new Map(state.templates.map((template) => [templateKey(template), template]));
    this.#unreachable = new Set(state.unreachable);
    this.#unreachableBySms = new Set(state.unreachableBySms);
  }

  state(): SimulatorState {
    return {
      messages: [...this.#messages.values()],
      templates: this.templates(),
      unreachable: [...this.#unreachable],
      unreachableBySms: [...this.#unreachableBySms],
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
    this.#messages.set(message.id, message);
    for (const oldest of this.#messages.keys()) {
      if (this.#messages.size <= MESSAGES_KEPT) break;
      this.#messages.delete(oldest);
    }
    this.#announce({ type: "message", message });
  }

  templates(): Template[] {
    return [...this.#templates.values()];
  }

  template(name: string, language: string): Template | undefined {
    return this.#templates.get(templateKey({ name, language }));
  }

  /** Adds a template, or replaces the one with the same name and language. */
  putTemplate(template: Template): void {
    this.#templates.set(templateKey(template), template);
    this.#announce({ type: "templates" });
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

  #setReachable(unreachable: Set<string>, number: string, reachable: boolean): void {
    if (reachable) unreachable.delete(number);
    else unreachable.add(number);
    this.#announce({
      type: "unreachable",
      numbers: [...this.#unreachable],
      by_sms: [...this.#unreachableBySms],
    });
  }

  /** Back to how a fresh simulator starts. */
  forget(): void {
    this.#messages.clear();
    this.#unreachable.clear();
    this.#unreachableBySms.clear();
    this.#templates.clear();
    for (const template of startingTemplates()) this.#templates.set(templateKey(template), template);
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

function templateKey({ name, language }: { name: string; language: string }): string {
  return `${name}/${language}`;
}
