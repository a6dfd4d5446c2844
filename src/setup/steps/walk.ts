import { toIso } from "../../platform/time.ts";
import { outlook, secret, token } from "./access.ts";
import { accountWebhook } from "./account-webhook.ts";
import { answers } from "./answers.ts";
import { appWebhook } from "./app-webhook.ts";
import { key, templates } from "./content.ts";
import { deploy } from "./deploy.ts";
import { doctor } from "./doctor.ts";
import { login } from "./login.ts";
import { number } from "./number.ts";
import { proof } from "./proof.ts";
import { settings } from "./settings.ts";
import { type Done, EXIT, type Setup, type Step, type Stop } from "./step.ts";

export const STEPS: readonly Step[] = [
  token,
  secret,
  outlook,
  settings,
  login,
  deploy,
  answers,
  number,
  appWebhook,
  accountWebhook,
  templates,
  key,
  proof,
  doctor,
];

/** What the screen hears of a walk. */
export interface Watcher {
  began(step: Step, position: number): void;
  ended(step: Step, position: number, outcome: Done | Stop, elapsedMs: number): void;
}

export type Walked = Stop | { readonly kind: "walked" };

/** Does what is missing, in order, up to the first step that cannot be done. */
export async function walk(setup: Setup, watcher: Watcher, steps: readonly Step[] = STEPS): Promise<Walked> {
  for (const [index, step] of steps.entries()) {
    watcher.began(step, index + 1);
    const began = setup.now();
    const before = await step.isDone(setup);
    const outcome = before.kind === "todo" ? await step.do(setup) : before;
    await setup.state.update(learnedIds(setup));
    if (outcome.kind === "done") await recordStep(setup, step);
    watcher.ended(step, index + 1, outcome, setup.now() - began);
    if (outcome.kind === "stop") return outcome;
  }
  return { kind: "walked" };
}

function recordStep({ state, now }: Setup, { id }: Step): Promise<void> {
  return state.update({ steps: { ...state.current.steps, [id]: toIso(now()) } });
}

function learnedIds({ known: { app, account, number: found, url } }: Setup) {
  return {
    ...(app === null ? {} : { appId: app.id }),
    ...(account === null ? {} : { businessAccountId: account.id }),
    ...(found === null ? {} : { phoneNumberId: found.id, phoneNumber: `…${found.digits.slice(-3)}` }),
    ...(url === null ? {} : { url }),
  };
}

/** The end of a setup that has walked all steps. */
export interface Verdict {
  readonly kind: "ready" | "limited" | "trial" | "blocked";
  readonly sentence: string;
  readonly exit: (typeof EXIT)[keyof typeof EXIT];
}

/** A code that went out is a better proof than any check; without one the doctor decides. */
export function verdictOf({ known: { outlook: found, isProven, examined } }: Setup): Verdict {
  const todo = examined?.next ?? null;
  const next = todo === null ? "" : ` Next: ${todo}`;
  const kind = found?.kind ?? "limited";
  if (kind !== "ready") {
    const proven = isProven ? "" : " Not proven end to end: no message to the number has arrived yet.";
    return {
      kind,
      sentence: `${(found?.reasons ?? []).join(" ")}${proven}${next}`.trim(),
      exit: EXIT.limited,
    };
  }
  if (isProven) return { kind: "ready", sentence: `Codes go out on WhatsApp.${next}`, exit: EXIT.ready };
  if (examined?.verdict === "blocked") {
    return { kind: "blocked", sentence: todo ?? "A check has failed.", exit: EXIT.failed };
  }
  const proven = "Not proven end to end: run it again with --test-to and your own number.";
  return { kind: "ready", sentence: proven, exit: EXIT.ready };
}
