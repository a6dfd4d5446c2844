import { type E164, parseE164 } from "./e164.ts";

/**
 * A person's number in its one spelling, that of today's numbering plan. Objects, lists, limits and ranges go by it;
 * messages and answers keep the number as the caller dialled it.
 */
export type Subscriber = E164 & { readonly __canonical: true };

type Rule = readonly [former: RegExp, current: string];

/**
 * Numbers that have two spellings, because WhatsApp's id of an account stays what the number was when the account
 * was made. A rule is safe where no other person can have the former spelling today.
 *
 * Argentina has none: without its 9 a mobile number reads as a landline, so that only WhatsApp can tell them apart.
 */
const RULES: readonly Rule[] = [
  // Brazil's ninth digit for mobile numbers, 2012 to 2016: many reports, such as chatwoot/chatwoot#5840. Mobile
  // numbers began with 6 to 9; landlines, 2 to 5, still have eight digits. Trunked radio kept eight digits after a 7
  // until its networks closed in 2018.
  [/^\+55([1-9]{2})([6-9]\d{7})$/, "+55$19$2"],
  // Mexico's 1 for mobile numbers, dropped in August 2019; WhatsApp's ids keep it. No area code begins with 1.
  [/^\+521(\d{10})$/, "+52$1"],
  // Côte d'Ivoire's operator prefix for mobile numbers since 31 January 2021, by ARTCI's table: the second digit
  // names the operator (Moov, MTN, Orange). That WhatsApp keeps the eight digits is one report
  // (devlikeapro/waha#1894). Numbers of eight digits are gone, so the rules can hit no other person.
  [/^\+225([04-9][0-3]\d{6})$/, "+22501$1"],
  [/^\+225([04-9][4-6]\d{6})$/, "+22505$1"],
  [/^\+225([04-9][7-9]\d{6})$/, "+22507$1"],
  // Benin's 01 before every number since 30 November 2024. What WhatsApp does is not confirmed; numbers of eight
  // digits are gone here too.
  [/^\+229(\d{8})$/, "+22901$1"],
];

/** The subscriber behind a number, however the caller or an operator spells it. */
export function subscriberOf(number: E164): Subscriber {
  return canonical(number) as Subscriber;
}

/** Parses the bare digits of a `wa_id`, a `recipient_id` or an SMS receipt to the subscriber behind them. */
export function parseWaId(digits: string): Subscriber | null {
  return parseE164(canonical(`+${digits}`)) as Subscriber | null;
}

/**
 * The other spelling that still parses as E.164, and that builds before this one named objects by. Only Brazil has
 * one: elsewhere the former spelling has a length that no number has.
 */
export function formerSpellingOf(subscriber: Subscriber): E164 | null {
  const former = subscriber.replace(/^(\+55[1-9]{2})9(?=[6-9]\d{7}$)/, "$1");
  return former === subscriber ? null : (former as E164);
}

function canonical(spelling: string): string {
  for (const [former, current] of RULES) {
    if (former.test(spelling)) return spelling.replace(former, current);
  }
  return spelling;
}
