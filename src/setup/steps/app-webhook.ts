import type { Subscription } from "../meta-nodes.ts";
import { HANDSHAKE_MS, hostOf, subscriptionForm, WEBHOOK_FIELDS } from "../webhook-address.ts";
import { overrideAccount } from "./account-webhook.ts";
import { callDeployment, problemOf } from "./answers.ts";
import { type Done, done, learned, type Setup, type Step, type Stop, stop, TODO } from "./step.ts";
import { callbackUrl, GIVE_VERIFY_TOKEN, look, postWithHandshake, verifyTokenOf } from "./webhook-address.ts";

/** Step 9: the app's webhook. An app has one address; another project's is never taken without a word. */
export const appWebhook: Step = {
  id: "app_webhook",
  title: "Webhook of app",
  async isDone(setup) {
    const found = await look(setup);
    if (found.kind === "stop") return found;
    const { subscription, account } = found;
    if (account?.overrideUrl === callbackUrl(setup)) return done("this account's messages come here");
    if (subscription === null || isForeign(setup, subscription)) return TODO;
    const missing = WEBHOOK_FIELDS.filter((field) => !subscription.fields.includes(field));
    const isOurs = subscription.callbackUrl === callbackUrl(setup);
    return isOurs && missing.length === 0
      ? done(`${WEBHOOK_FIELDS.length} fields come to ${hostOf(callbackUrl(setup))}`)
      : TODO;
  },
  async do(setup) {
    const found = await look(setup);
    if (found.kind === "stop") return found;
    const { subscription } = found;
    if (subscription !== null && isForeign(setup, subscription)) {
      const choice = await chooseWhatToDo(setup, subscription);
      if (typeof choice !== "string") return choice;
      if (choice === "waba") return overrideAccount(setup);
      return subscribe(setup, subscription, { takesOver: true });
    }
    return subscribe(setup, subscription, { takesOver: false });
  },
};

/** Another project's; one that an earlier setup made, before the deployment moved to another address, is ours. */
function isForeign(setup: Setup, { callbackUrl: url }: Subscription): boolean {
  return url !== null && url !== setup.state.current.webhook && hostOf(url) !== hostOf(callbackUrl(setup));
}

async function chooseWhatToDo(
  setup: Setup,
  { callbackUrl: url }: Subscription,
): Promise<"app" | "waba" | Stop> {
  const host = hostOf(url ?? "");
  const app = learned(setup, "app").name;
  const sentence = `App ${app} sends its webhooks to ${host}`;
  if (setup.options.webhook !== null) return setup.options.webhook;
  const another = `${sentence}, another project's address, and nothing was changed. Best is another app for Sandi.`;
  if (setup.prompt === null) {
    return stop(
      `${another} Or choose: --webhook waba sends only this account's messages here; --webhook app takes the address over, and ${host} hears nothing more.`,
    );
  }
  const choice = await setup.prompt.choose(`${sentence}. What should happen?`, [
    { value: "other", label: "Use another app", hint: "the best: one app for each project" },
    {
      value: "waba",
      label: "Send only this account's messages here",
      hint: `news of templates and of the account stay with ${host}`,
    },
    { value: "app", label: "Take it over", hint: `${host} hears nothing more` },
  ]);
  return choice === "other" ? stop(another) : (choice as "app" | "waba");
}

async function subscribe(
  setup: Setup,
  before: Subscription | null,
  { takesOver }: { readonly takesOver: boolean },
): Promise<Done | Stop> {
  const { id } = learned(setup, "app");
  const verifyToken = await verifyTokenOf(setup);
  if (verifyToken.kind === "stop") return verifyToken;
  if (verifyToken.kind === "unknown") return letTheDeploymentSubscribe(setup, takesOver);
  const form = subscriptionForm(callbackUrl(setup), verifyToken.value, before?.fields ?? []);
  const graph = setup.graph({ timeoutMs: HANDSHAKE_MS }).asApp(id);
  const refused = await postWithHandshake(setup, () => graph.post(`${id}/subscriptions`, form));
  if (refused !== null) return refused;
  await setup.state.update({ webhook: callbackUrl(setup) });
  return checkFields(setup, verifyToken.value);
}

/** Reads back, because Meta may accept the address and ignore the fields. */
async function checkFields(setup: Setup, verifyToken: string): Promise<Done | Stop> {
  for (;;) {
    const found = await look(setup);
    if (found.kind === "stop") return found;
    const has = found.subscription?.fields ?? [];
    const missing = WEBHOOK_FIELDS.filter((field) => !has.includes(field));
    if (missing.length === 0)
      return done(`${WEBHOOK_FIELDS.length} fields come to ${hostOf(callbackUrl(setup))}`);
    const page = `https://developers.facebook.com/apps/${learned(setup, "app").id}/whatsapp-business/wa-settings/`;
    const sentence = `Meta did not subscribe the app to ${missing.join(", ")}. Do it in the app dashboard, WhatsApp, Configuration, Webhook fields: ${page}`;
    if (setup.prompt === null) return stop(sentence);
    setup.print({ kind: "note", text: sentence });
    setup.print({
      kind: "once",
      label: "Callback URL",
      value: callbackUrl(setup),
      note: "If the page asks for it.",
    });
    setup.print({
      kind: "once",
      label: "Verify token",
      value: verifyToken,
      note: "If the page asks for it.",
    });
    await setup.prompt.goOn("Press Enter when the fields are subscribed");
  }
}

async function letTheDeploymentSubscribe(setup: Setup, takesOver: boolean): Promise<Done | Stop> {
  const body = { checks: ["webhook.url", "webhook.fields"], take_over: takesOver };
  const answer = await callDeployment(setup, "POST", "/v1/doctor/repairs", body);
  if (answer?.status !== 200) return stop(`${problemOf(answer)} ${GIVE_VERIFY_TOKEN}`);
  const found = await look(setup);
  if (found.kind === "stop") return found;
  const isSubscribed = found.subscription?.callbackUrl === callbackUrl(setup);
  if (!isSubscribed) return stop(`The deployment could not subscribe by itself. ${GIVE_VERIFY_TOKEN}`);
  return done("the deployment made the subscription by itself");
}
