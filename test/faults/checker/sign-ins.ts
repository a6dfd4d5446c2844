import type { History, Introduction, Moment, Redemption, SignInHistory } from "../history.ts";
import { personOf } from "../people.ts";
import type { Violation } from "./violation.ts";

/** Shorter than the minute of an authorization code and the five of an access token, for the clocks of two processes. */
const CODE_MS = 50_000;
const TOKEN_MS = 280_000;

/**
 * What sign-in adds to the invariants. 1: an approval is redeemed once, and a second attempt ends what the first one got. 2: no
 * crash gives a redemption back. 8: with the secret of its client. 11: a person has one subject. 12: with the verifier of the
 * browser's request. 13: no sign-in is lost.
 */
export function checkSignIns(history: History): Violation[] {
  const faults = history.signIns.flatMap((signIn) =>
    [
      ...redeemedTwice(signIn, history),
      ...redeemedByOthers(signIn),
      ...stillIntroduced(signIn),
      ...lost(signIn),
      ...otherNumber(signIn),
    ].map(([invariant, description]) => toViolation(invariant, description, signIn)),
  );
  return [...faults, ...severalSubjects(history)];
}

type Fault = readonly [invariant: number, description: string];

function toViolation(invariant: number, description: string, { number, id }: SignInHistory): Violation {
  return { invariant, description, number, id: id ?? "" };
}

function validOf({ redemptions }: SignInHistory): readonly Redemption[] {
  return redemptions.filter(({ kind }) => kind === "valid");
}

function redeemedTwice(signIn: SignInHistory, { kills, evictions }: History): Fault[] {
  const granted = validOf(signIn).filter(({ status }) => status === 200);
  const [first, last] = [granted.at(0), granted.at(-1)];
  if (first === undefined || last === undefined || granted.length < 2) return [];
  const isBetween = ({ order }: Moment) => order > first.startedAt.order && order < last.endedAt.order;
  const description = `A sign-in was redeemed ${granted.length} times`;
  return [
    kills.some(isBetween) || evictions.some(isBetween)
      ? [2, `${description} around a crash`]
      : [1, description],
  ];
}

function redeemedByOthers({ redemptions }: SignInHistory): Fault[] {
  return redemptions.flatMap(({ kind, status }) => {
    if (kind === "valid" || status !== 200) return [];
    return [[kind === "wrong_verifier" ? 12 : 8, `A redemption with ${kind} got tokens`]];
  });
}

/** A redemption after the first one was answered as the second attempt that it was. */
function stillIntroduced(signIn: SignInHistory): Fault[] {
  const valid = validOf(signIn);
  const second = valid.find((redemption) => isSecond(redemption, signIn));
  const granted = valid.find(({ status }) => status === 200);
  if (second === undefined || granted === undefined) return [];
  const from = Math.max(second.endedAt.order, granted.endedAt.order);
  const later = signIn.introductions.find(
    ({ startedAt, status }) => startedAt.order > from && status === 200,
  );
  return later === undefined
    ? []
    : [[1, "An access token outlived the second attempt to redeem its sign-in"]];
}

function isSecond({ error, endedAt }: Redemption, { approvedAt }: SignInHistory): boolean {
  return error === "invalid_grant" && approvedAt !== null && endedAt.ms < approvedAt.ms + CODE_MS;
}

function lost(signIn: SignInHistory): Fault[] {
  const valid = validOf(signIn);
  const inTime = valid.some(({ endedAt }) => endedAt.ms < (signIn.approvedAt?.ms ?? 0) + CODE_MS);
  if (inTime && valid.every(isRefused)) return [[13, "The first redemption of a sign-in was refused"]];
  const [granted, ...others] = valid;
  const refused = signIn.introductions.find(
    (introduction) =>
      introduction.status === 401 &&
      granted?.status === 200 &&
      introduction.endedAt.ms < granted.startedAt.ms + TOKEN_MS &&
      others.every(({ startedAt }) => isBefore(introduction, startedAt)),
  );
  return refused === undefined ? [] : [[13, "An access token was refused in its time"]];
}

function isRefused({ status }: Redemption): boolean {
  return status !== null && status >= 400 && status < 500;
}

function isBefore({ endedAt }: Introduction, { order }: Moment): boolean {
  return endedAt.order < order;
}

function otherNumber({ number, told }: SignInHistory): Fault[] {
  const other = told.find((claims) => personOf(claims.number) !== number);
  return other === undefined ? [] : [[12, "The tokens of a sign-in name another person"]];
}

function severalSubjects({ signIns }: History): Violation[] {
  return [...Map.groupBy(signIns, ({ number }) => number)].flatMap(([number, ofNumber]) => {
    const subjects = new Set(ofNumber.flatMap(({ told }) => told.map(({ sub }) => sub)));
    if (subjects.size < 2) return [];
    return [{ invariant: 11, description: `A person had ${subjects.size} subjects`, number, id: "" }];
  });
}
