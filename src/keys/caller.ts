import type { AppName, AppScope } from "../ids/app-name.ts";

/** The permissions that a key may have. */
export const SCOPES = [
  "verifications",
  "notifications",
  "templates",
  "webhooks",
  "reports",
  "admin",
  "hooks",
] as const;
export type Scope = (typeof SCOPES)[number];

/** The authenticated sender of a request. */
export interface Caller {
  /** The key's id, or {@link OPERATOR} for `ADMIN_KEY`. */
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** The app that it acts for: what it starts and creates belongs to this one. */
  readonly app: AppName;
  /** Whose things it can read and change: its own app's, or for the operator those of every app. */
  readonly reach: AppScope;
}

/** The id and the name of the caller that has the `ADMIN_KEY`. */
export const OPERATOR = "operator";

/** Whether the caller has the `ADMIN_KEY`, which belongs to no app. */
export function isOperator({ id }: Pick<Caller, "id">): boolean {
  return id === OPERATOR;
}
