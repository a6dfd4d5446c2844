import { MINUTE_MS, toIso } from "../../platform/time.ts";
import { noAnswer, refusal, shown } from "./access.ts";
import { fetchNumber } from "./meta.ts";
import { type Done, done, learned, type Setup, type Step, type Stop, stop, TODO } from "./step.ts";

/** Meta took 15 seconds and more; a second call before the first has ended would use up one of ten in 72 hours. */
const REGISTER_MS = MINUTE_MS;

/** Two-step verification is on, with another PIN ("Error codes"). */
const PIN_CODES: readonly number[] = [133005, 133008, 133009];
const NOT_VERIFIED = 133006;

/** Step 8: the number's registration for the Cloud API. */
export const number: Step = {
  id: "number",
  title: "Number",
  async isDone(setup) {
    const begun = setup.state.current.registeringSince;
    // A registration that an ended run has begun may still be going on at Meta.
    const restMs = begun === undefined ? 0 : Date.parse(begun) + REGISTER_MS - setup.now();
    const before = await look(setup);
    if (before.kind !== "todo" || restMs <= 0) return before;
    await setup.pause(restMs);
    return look(setup);
  },
  async do(setup) {
    const { codeVerification } = learned(setup, "number");
    if (codeVerification === "NOT_VERIFIED") return stop(UNVERIFIED);
    const pin = setup.random.pin();
    const first = await register(setup, pin);
    if (first.kind !== "silent") return first;
    setup.print({
      kind: "note",
      text: "Meta has not answered yet. Looking again in a minute, before any second try.",
    });
    await setup.pause(REGISTER_MS);
    const after = await look(setup);
    if (after.kind === "done") showPin(setup, pin);
    if (after.kind !== "todo") return after;
    const second = await register(setup, pin);
    return second.kind === "silent" ? noAnswer(second.reason) : second;
  },
};

const UNVERIFIED =
  "Meta has not verified yet that the number is yours. WhatsApp Manager, Phone numbers: ask for the code by SMS or call and enter it, then run this again.";

async function look(setup: Setup) {
  const { id } = learned(setup, "number");
  const answer = await fetchNumber(setup.graph(), id);
  if (answer.kind !== "answered") return refusal(answer, "Meta did not show the number.");
  setup.known.number = answer.value;
  const { status, platform } = answer.value;
  const isRegistered = status === "CONNECTED" && (platform === null || platform === "CLOUD_API");
  return isRegistered ? done(`${shown(answer.value)} is registered for the Cloud API`) : TODO;
}

type Registration = Done | Stop | { readonly kind: "silent"; readonly reason: string };

async function register(setup: Setup, pin: string): Promise<Registration> {
  const { id } = learned(setup, "number");
  await setup.state.update({ registeringSince: toIso(setup.now()) });
  const answer = await setup
    .graph({ timeoutMs: REGISTER_MS })
    .post(`${id}/register`, { messaging_product: "whatsapp", pin });
  if (answer.kind === "silent") return answer;
  if (answer.kind === "answered") {
    showPin(setup, pin);
    return done(`registered ${shown(learned(setup, "number"))} for the Cloud API`);
  }
  const { code } = answer.error;
  if (code === NOT_VERIFIED) return stop(UNVERIFIED);
  if (PIN_CODES.includes(code)) {
    return stop(
      "The number has a two-step PIN that is not known here, and guessing locks it. Set a new one in WhatsApp Manager, " +
        "Phone numbers, Settings, Two-step verification, or by: npm run doctor -- --fix number.pin",
    );
  }
  return refusal(answer, "Meta did not register the number.");
}

/** Only a PIN that Meta took is of use to anyone. */
function showPin(setup: Setup, pin: string): void {
  const note = "The number's two-step PIN. Keep it: Meta asks for it when the number is registered again.";
  setup.print({ kind: "once", label: "PIN", value: pin, note });
}
