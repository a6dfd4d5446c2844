import { setTimeout as pause } from "node:timers/promises";
import { type Action, inGroups, repeat } from "./actions.ts";
import type { RunContext } from "./session.ts";
import { newBrowser, SignIn } from "./sign-in.ts";
import type { User } from "./user.ts";

/** How long to wait for a message, which may never arrive. */
const TIMEOUT_MS = 400;
/** A form without a response is sent again this often. */
const TRIES = 4;
/** Long enough for a kill, and short for the minute of an authorization code. */
const LONGEST_PAUSE_MS = 2_000;

/** Signs a user in up to three times, with attacks on the page, the code and the tokens. */
export async function runSignIns(user: User, context: RunContext): Promise<void> {
  const { random } = user;
  const { relyingParties, history } = context.environment.services;
  const { main, payer } = relyingParties;
  // A message that is late would be taken for one of the next sign-in.
  const isMissing = () => history.signIns.some(({ number, id }) => number === user.number && id === null);
  for (let left = 1 + random.below(3); left > 0 && context.isRunning() && !isMissing(); left -= 1) {
    await signIn(user, context, new SignIn(user, context.environment, random.pick([main, main, payer])));
  }
}

async function signIn(user: User, { environment }: RunContext, own: SignIn): Promise<void> {
  const { random } = user;
  await own.open();
  await own.sendCode();
  for (let looks = 0; looks < 20 && own.code === null; looks += 1) await pause(TIMEOUT_MS / 20);
  const { code } = own;
  if (code === null) return;
  await inGroups(
    user,
    random.shuffled([
      ...repeat(random.below(3), () => own.enter(random.text("0123456789", 6))),
      ...repeat(random.below(2), () => own.sendFrom(newBrowser(environment))),
      ...repeat(random.below(2), () => own.sendCode("resend")),
      ...repeat(2, () => own.read()),
      ...(random.chance(0.3) ? [() => enterElsewhere(user, own, environment)] : []),
    ]),
  );
  if (random.chance(0.1)) return own.cancel();
  await Promise.all(repeat(1 + random.below(2), () => own.enter(code)).map((action) => action()));
  for (let tries = 1; tries < TRIES && own.history.approvedAt === null; tries += 1) await own.enter(code);
  await redeem(user, own);
  await own.enter(code);
}

/** Another browser asks for a code of its own, and enters the one of the first browser. */
export async function enterElsewhere(
  user: User,
  { code, browser }: SignIn,
  environment: RunContext["environment"],
): Promise<void> {
  const stranger = new SignIn(user, environment);
  await stranger.open();
  await stranger.sendCode();
  if (code !== null && stranger.code !== code) await stranger.enter(code, browser);
}

/** Exchanges the authorization code, among others who have got hold of it; once, or twice, or twice at once. */
async function redeem({ random }: User, own: SignIn): Promise<void> {
  const attacks: readonly Action[] = [
    () => own.redeem("other_client"),
    () => own.redeem("wrong_secret"),
    () => own.redeem("wrong_verifier"),
  ];
  for (const attack of random.shuffled(attacks).slice(0, random.below(4))) await attack();
  if (random.chance(0.3)) await pause(random.below(LONGEST_PAUSE_MS));
  await Promise.all(repeat(random.pick([1, 1, 2]), () => own.redeem()).map((action) => action()));
  await own.introduce();
  if (random.chance(0.3)) await pause(random.below(LONGEST_PAUSE_MS));
  if (random.chance(0.4)) {
    await own.redeem();
    await own.introduce();
  }
}
