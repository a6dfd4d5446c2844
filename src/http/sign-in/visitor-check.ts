import type { E164 } from "../../numbering/e164.ts";
import type { Parameters } from "./parameters.ts";
import { type Answered, addressOf, type FlowVisit } from "./visit.ts";

/**
 * Why nothing is sent to a number that this flow has not sent to yet; null where the visitor may send. Nothing stores the
 * flow, so that its form can be sent with any number: a check of its first message alone would let in as many as one likes.
 */
export async function checkVisitor(visit: FlowVisit, form: Parameters, to: E164): Promise<Answered | null> {
  const { flow, issuer, deps } = visit;
  if (deps.turnstile === null || flow.numbers.includes(to)) return null;
  const token = form.get("cf-turnstile-response");
  const { hostname } = new URL(issuer);
  switch (await deps.turnstile.check({ token, flow, to, hostname, ip: addressOf(visit) })) {
    case "passed":
      return null;
    case "failed":
      return { status: 403, fault: { key: "check_failed" } };
    case "no_answer":
      return { status: 503, fault: { key: "check_unavailable" }, needsMessage: true };
  }
}
