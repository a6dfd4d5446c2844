import type { History, LinkHistory } from "../history.ts";
import { personOf } from "../people.ts";
import type { Violation } from "./violation.ts";

/** Invariant 1 for a token: it is accepted once, and only from the claimed number, or from the first that sends it. */
export function checkLinks({ links }: History): Violation[] {
  return links.flatMap((link) => {
    const about = { invariant: 1, number: link.claimed ?? "", id: link.id };
    const approved = link.seen.filter(({ status }) => status === "approved");
    const owner = link.claimed ?? link.senders[0];
    const found: Violation[] = [];
    if (approved.length > 0 && !link.senders.some((sender) => sender === owner))
      found.push({ ...about, description: "Approved without a token from its number" });
    const others = approved.filter(({ to }) => to === null || personOf(to) !== owner);
    if (others.length > 0) found.push({ ...about, description: "A token was accepted for a second number" });
    if (wasLost(link)) found.push({ ...about, description: "The right token was not accepted" });
    return found;
  });
}

/** The owner was the first to send the text, so that it has to be approved. */
function wasLost({ claimed, senders, seen }: LinkHistory): boolean {
  const isOwners = claimed === null || senders[0] === claimed;
  return isOwners && seen.some(({ status }) => status !== "approved");
}
