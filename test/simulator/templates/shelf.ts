import { startingTemplates } from "./authentication.ts";
import type { Template } from "./template.ts";

/** The templates, and the names of deleted ones, as plain JSON. */
export interface TemplateState {
  templates: Template[];
  /** By name, or by name and language: the end of the block, in milliseconds since the epoch. */
  blockedNames?: Record<string, number>;
}

/** How long the name of a deleted approved template stays blocked. Source: Meta, template management. */
const NAME_BLOCK_MS = 30 * 86_400_000;

/** The business account's templates, one per name and language. */
export class TemplateShelf {
  readonly #templates: Map<string, Template>;
  readonly #blockedUntil: Map<string, number>;
  readonly #onChange: () => void;

  constructor(state: TemplateState | undefined, onChange: () => void) {
    const templates = state?.templates ?? startingTemplates();
    this.#templates = new Map(templates.map((template) => [keyOf(template), template]));
    this.#blockedUntil = new Map(Object.entries(state?.blockedNames ?? {}));
    this.#onChange = onChange;
  }

  state(): TemplateState {
    return { templates: this.all(), blockedNames: Object.fromEntries(this.#blockedUntil) };
  }

  /** In the order of their creation. */
  all(): Template[] {
    return [...this.#templates.values()];
  }

  get(name: string, language: string): Template | undefined {
    return this.#templates.get(keyOf({ name, language }));
  }

  withId(id: string): Template | undefined {
    return this.all().find((template) => template.id === id);
  }

  /** A template in all its languages, or in one. */
  named(name: string, language?: string): Template[] {
    return this.all().filter(
      (template) => template.name === name && (language === undefined || template.language === language),
    );
  }

  /** Adds a template, or replaces the one with the same name and language. */
  put(template: Template): void {
    this.#templates.set(keyOf(template), template);
    this.#onChange();
  }

  /** Deletes a template in all its languages and, if one of them was approved, blocks its name. */
  deleteNamed(name: string, nowMs: number): void {
    this.#delete(this.named(name), name, nowMs);
  }

  /** Deletes one language and, if it was approved, blocks its name in that language. */
  deleteOne(template: Template, nowMs: number): void {
    this.#delete([template], keyOf(template), nowMs);
  }

  isBlocked(name: string, language: string, nowMs: number): boolean {
    return [name, keyOf({ name, language })].some((key) => (this.#blockedUntil.get(key) ?? 0) > nowMs);
  }

  /** Resets to the initial templates without notifying listeners. */
  forget(): void {
    this.#blockedUntil.clear();
    this.#templates.clear();
    for (const template of startingTemplates()) this.#templates.set(keyOf(template), template);
  }

  #delete(templates: Template[], blocked: string, nowMs: number): void {
    for (const template of templates) this.#templates.delete(keyOf(template));
    if (templates.some(({ status }) => status === "APPROVED")) {
      this.#blockedUntil.set(blocked, nowMs + NAME_BLOCK_MS);
    }
    this.#onChange();
  }
}

function keyOf({ name, language }: { name: string; language: string }): string {
  return `${name}/${language}`;
}
