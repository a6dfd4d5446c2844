import type { AppScope } from "../ids/app-name.ts";
import type { PhoneNumberName } from "../ids/phone-number-name.ts";
import type { VerificationId } from "../ids/verification-id.ts";
import type { VerificationStatus } from "../phone-number/verification.ts";
import type { ListPosition } from "../platform/cursor.ts";
import type { JournaledVerification } from "./rows.ts";

/** A verification's position in lists. */
export type Position = ListPosition<VerificationId>;

export interface JournalFilter {
  /** The names of one number's object, current and former; absent for all numbers. */
  readonly tags?: readonly PhoneNumberName[] | undefined;
  readonly status?: VerificationStatus | undefined;
  readonly purpose?: string | undefined;
  readonly id?: VerificationId | undefined;
  /** ISO 3166-1 alpha-2. */
  readonly country?: string | undefined;
  /** Only the approved ones, or only the others. */
  readonly approved?: boolean | undefined;
  /** Only those of test numbers, or only the others. */
  readonly test?: boolean | undefined;
  /** Started from this time on, and before that one, in milliseconds since the epoch. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** Where the previous page ended. */
  readonly after?: Position | undefined;
  readonly limit: number;
}

export interface JournalPage {
  /** Newest first. May be fewer than the limit, even none, although `next` is set. */
  readonly verifications: readonly JournaledVerification[];
  /** Where this page ended; null on the last page. */
  readonly next: Position | null;
}

/** The values of a statement's parameters, while its text is put together. */
export class Parameters {
  readonly values: (string | number | null)[] = [];

  /** Adds a value and returns its parameter, such as `?3`. */
  add(value: string | number | null): string {
    this.values.push(value);
    return `?${this.values.length}`;
  }
}

/** The conditions that a row of a page fulfils, the position of the page aside. */
export function conditionsOf(app: AppScope, filter: JournalFilter, parameters: Parameters): string[] {
  const { status, purpose, id, country, approved, test, from, to } = filter;
  const equals = (
    column: "app" | "status" | "purpose" | "id" | "country" | "test",
    value: string | number | null | undefined,
  ) => (value == null ? [] : [`${column} = ${parameters.add(value)}`]);
  return [
    ...equals("app", app),
    ...equals("status", status),
    ...equals("purpose", purpose),
    ...equals("id", id),
    ...equals("country", country),
    ...equals("test", test === undefined ? null : Number(test)),
    ...(approved === undefined ? [] : [`status ${approved ? "=" : "<>"} 'approved'`]),
    ...(from === undefined ? [] : [`created_at >= ${parameters.add(from)}`]),
    ...(to === undefined ? [] : [`created_at < ${parameters.add(to)}`]),
  ];
}

/** Compares positions for sorting newest first. Ids break ties by their bytes, as SQLite compares text. */
export function newestFirst(a: Position, b: Position): number {
  if (a.createdAt !== b.createdAt) return b.createdAt - a.createdAt;
  if (a.id === b.id) return 0;
  return a.id < b.id ? 1 : -1;
}

/** Joins conditions that all have to hold. */
export function allOf(conditions: readonly string[]): string {
  return conditions.length === 0 ? "true" : conditions.join(" AND ");
}
