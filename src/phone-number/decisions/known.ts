import type { KnownTag, PhoneState } from "../phone-state.ts";
import type { Attribution, Verification } from "../verification.ts";

/** How many networks and devices a number knows; the longest unseen one is forgotten first. */
export const MOST_KNOWN = 8;

/** Whether a code that this network or device requested was approved on this number before. */
export function isKnown({ known }: PhoneState, attribution: Attribution): boolean {
  const tags = tagsOf(attribution);
  return known.some(({ tag }) => tags.includes(tag));
}

/**
 * Remembers the network and the device of an approved verification. Where several have requested its code, an approval
 * does not say which of them is the owner's.
 */
export function rememberKnown(
  known: readonly KnownTag[],
  { attribution, hasSeveralRequesters }: Verification,
  now: number,
): readonly KnownTag[] {
  if (hasSeveralRequesters) return known;
  const tags = tagsOf(attribution);
  const others = known.filter(({ tag }) => !tags.includes(tag));
  return [...others, ...tags.map((tag) => ({ tag, at: now }))].slice(-MOST_KNOWN);
}

/** Forgets a network and a device whose request the number's owner has denied. */
export function forgetKnown(known: readonly KnownTag[], attribution: Attribution): readonly KnownTag[] {
  const tags = tagsOf(attribution);
  return known.some(({ tag }) => tags.includes(tag)) ? known.filter(({ tag }) => !tags.includes(tag)) : known;
}

/** Whether two requests come from one network and device. */
export function isSameRequester(a: Attribution, b: Attribution): boolean {
  return a.network === b.network && a.device === b.device;
}

function tagsOf({ network, device }: Attribution): readonly string[] {
  return [network, device].filter((tag) => tag !== null);
}
