import { newBrowser, SignIn } from "../clients/sign-in.ts";
import { enterElsewhere } from "../clients/sign-in-session.ts";
import type { User } from "../clients/user.ts";
import type { Environment } from "../environment/environment.ts";
import type { Scenario } from "./scenarios.ts";

/** A user on the page that asks for the code, which has come. */
async function onCodePage(user: User, environment: Environment): Promise<SignIn> {
  const signIn = new SignIn(user, environment);
  await signIn.open();
  await signIn.sendCode();
  if (signIn.code === null) throw new Error("A sign-in could not begin");
  return signIn;
}

async function approved(user: User, environment: Environment): Promise<SignIn> {
  const signIn = await onCodePage(user, environment);
  await signIn.enter(signIn.code ?? "");
  return signIn;
}

/** Redeems a sign-in twice, and asks who has signed in after each. */
export const redeemedTwice: Scenario = async (user, environment) => {
  const signIn = await approved(user, environment);
  for (let times = 0; times < 2; times += 1) {
    await signIn.redeem();
    await signIn.introduce();
  }
};

/** Crashes after an approval, and again after its redemption; then the user signs in to another app. */
export const crashesAroundRedemption: Scenario = async (user, environment) => {
  const first = await approved(user, environment);
  await environment.killAndRestart();
  await first.enter(first.code ?? "");
  await first.redeem();
  await environment.killAndRestart();
  await first.redeem();
  const { payer } = environment.services.relyingParties;
  const second = new SignIn(user, environment, payer);
  await second.open();
  await second.sendCode();
  await second.enter(second.code ?? "");
  await second.redeem();
};

/** Those who got hold of an authorization code try to redeem it before its app does. */
export const stolenAuthorizationCode: Scenario = async (user, environment) => {
  const signIn = await approved(user, environment);
  for (const kind of ["other_client", "wrong_secret", "wrong_verifier", "valid"] as const) {
    await signIn.redeem(kind);
  }
  await signIn.introduce();
};

/** Another browser sends the forms of a user's page. */
export const stolenPage: Scenario = async (user, environment) => {
  const signIn = await onCodePage(user, environment);
  await signIn.sendFrom(newBrowser(environment));
};

/** Another browser asks for a code for the same number, and enters the one of the first. */
export const codeInOtherBrowser: Scenario = async (user, environment) => {
  const signIn = await onCodePage(user, environment);
  await enterElsewhere(user, signIn, environment);
};

/** Every scenario of this file once. */
export const SIGN_IN_SCENARIOS: readonly Scenario[] = [
  redeemedTwice,
  crashesAroundRedemption,
  stolenAuthorizationCode,
  stolenPage,
  codeInOtherBrowser,
];
