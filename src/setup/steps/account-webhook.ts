import { HANDSHAKE_MS, hostOf } from "../webhook-address.ts";
import { refusal } from "./access.ts";
import { nameOf } from "./meta.ts";
import { type Done, done, learned, type Setup, type Step, type Stop, stop, TODO, type Todo } from "./step.ts";
import { callbackUrl, GIVE_VERIFY_TOKEN, look, postWithHandshake, verifyTokenOf } from "./webhook-address.ts";

/** Step 10: the app's subscription to the account, without which Meta sends it nothing of this account. */
export const accountWebhook: Step = {
  id: "account_webhook",
  title: "Webhook of WABA",
  async isDone(setup): Promise<Done | Stop | Todo> {
    const found = await look(setup);
    if (found.kind === "stop") return found;
    const { account } = found;
    if (account === null) return TODO;
    const { overrideUrl } = account;
    const isElsewhere = overrideUrl !== null && overrideUrl !== callbackUrl(setup);
    if (overrideUrl !== null && !isElsewhere) return done("the account's messages come here by an override");
    if (!isElsewhere) return done(`the account's webhooks go to app ${learned(setup, "app").name}`);
    if (setup.options.webhook !== null) return TODO;
    return stop(
      `The account's messages are redirected to ${hostOf(overrideUrl)}, another project's address, and nothing was changed. To have them here, run this with --webhook waba.`,
    );
  },
  async do(setup) {
    if (setup.options.webhook === "waba") return overrideAccount(setup);
    const account = learned(setup, "account");
    const answer = await setup.graph({ timeoutMs: HANDSHAKE_MS }).post(`${account.id}/subscribed_apps`, {});
    if (answer.kind !== "answered")
      return refusal(answer, `Meta did not subscribe the app to ${nameOf(account)}.`);
    return done(`subscribed app ${learned(setup, "app").name} to account ${nameOf(account)}`);
  },
};

/** Only this account's messages come here, beside any address of the app. */
export async function overrideAccount(setup: Setup): Promise<Done | Stop> {
  const verifyToken = await verifyTokenOf(setup);
  if (verifyToken.kind === "stop") return verifyToken;
  if (verifyToken.kind === "unknown") return stop(GIVE_VERIFY_TOKEN);
  const refused = await postWithHandshake(setup, () =>
    setup.graph({ timeoutMs: HANDSHAKE_MS }).post(`${learned(setup, "account").id}/subscribed_apps`, {
      override_callback_uri: callbackUrl(setup),
      verify_token: verifyToken.value,
    }),
  );
  return refused ?? done("this account's messages come here; the app's own address stays");
}
