import type * as z from "zod";
import { type Fault, Problem, type ProblemCode, pointerTo } from "../platform/problem.ts";

/** The codes that a custom rule of a schema can name, instead of `invalid_request`: `params: { problem }`. */
type SpecialCode = Extract<ProblemCode, "invalid_phone_number" | "unknown_purpose">;

/** Parses input by its schema. Throws one problem that names every fault in it. */
export function parseInput<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  const codes = new Set(issues.map(codeOf));
  const [only] = codes;
  const code = codes.size === 1 && only !== undefined ? only : "invalid_request";
  throw withFaults(code, issues.flatMap(faultsOf));
}

/** Further faults are only counted: a list of a thousand recipients may have a thousand. */
const MOST_FAULTS = 100;

/** A problem that names the faults of the input. */
export function withFaults(code: ProblemCode, faults: readonly Fault[]): Problem {
  if (faults.length <= MOST_FAULTS) return new Problem(code, { errors: faults });
  const detail = `Of ${faults.length} faults, these are the first ${MOST_FAULTS}.`;
  return new Problem(code, { detail, errors: faults.slice(0, MOST_FAULTS) });
}

function codeOf(issue: z.core.$ZodIssue): ProblemCode {
  const problem = issue.code === "custom" ? (issue.params?.problem as SpecialCode | undefined) : undefined;
  return problem ?? "invalid_request";
}

function faultsOf(issue: z.core.$ZodIssue): Fault[] {
  if (issue.code !== "unrecognized_keys") return [{ pointer: pointerTo(issue.path), detail: issue.message }];
  return issue.keys.map((key) => ({
    pointer: pointerTo([...issue.path, key]),
    detail: "This field is unknown.",
  }));
}
