import type { DeploymentAnswer } from "./outside.ts";
import { done, learned, type Setup, type Step, stop, TODO } from "./step.ts";

/** A fresh workers.dev name and new secrets need a moment. */
const WAIT_MS = 90_000;
/** Where nothing was uploaded, a key that is wrong stays wrong. */
const KNOWN_KEY_WAIT_MS = 5_000;
const INTERVAL_MS = 1_000;

/** Step 7: whether the deployment answers at its address, and takes the admin key. */
export const answers: Step = {
  id: "answers",
  title: "Answers",
  isDone: () => Promise.resolve(TODO),
  async do(setup) {
    const url = learned(setup, "url");
    const isAnswered = (answer: DeploymentAnswer | null) => answer?.status === 200;
    const answer = await healthUntil(setup, isAnswered, WAIT_MS);
    if (answer === null)
      return stop(`${url} does not answer. If the name is new, run this again in a minute.`);
    if (answer.status >= 300 && answer.status < 400) {
      return stop(
        `${url} answers with a redirect: Cloudflare Access or a rule of the zone stands before it, and Meta would not pass it either.`,
      );
    }
    if (answer.status !== 200) {
      return stop(`${url} answers ${answer.status}. Its log says why: npx wrangler tail`);
    }
    const withKey = await healthUntil(setup, knowsUs, setup.known.isUploaded ? WAIT_MS : KNOWN_KEY_WAIT_MS);
    if (!knowsUs(withKey)) {
      return stop(
        `ADMIN_KEY is not that of ${url}. Give the right one, or make a new one with --new-admin-key.`,
      );
    }
    return done(`${url}/health`);
  },
};

/** The last answer, also when the time is over. */
async function healthUntil(
  setup: Setup,
  isGood: (answer: DeploymentAnswer | null) => boolean,
  limitMs: number,
): Promise<DeploymentAnswer | null> {
  const end = setup.now() + limitMs;
  for (;;) {
    const answer = await callDeployment(setup, "GET", "/health");
    if (isGood(answer) || setup.now() >= end) return answer;
    await setup.pause(INTERVAL_MS);
  }
}

/** Only to a key of the team the health page names the circuits that rest. */
function knowsUs(answer: DeploymentAnswer | null): boolean {
  return Array.isArray((answer?.body as { resting?: unknown } | null)?.resting);
}

/** Calls the deployment with the admin key. */
export function callDeployment(
  setup: Setup,
  method: "GET" | "POST",
  path: string,
  body?: object,
  idempotencyKey?: string,
): Promise<DeploymentAnswer | null> {
  return setup.deployment.call({
    url: learned(setup, "url"),
    method,
    path,
    key: setup.known.adminKey,
    ...(body === undefined ? {} : { body }),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  });
}

/** What the deployment says of a call that failed, as one sentence. */
export function problemOf(answer: DeploymentAnswer | null): string {
  if (answer === null) return "The deployment does not answer.";
  const { title, detail } = (answer.body ?? {}) as { title?: string; detail?: string };
  const words = detail ?? title;
  return `The deployment answers ${answer.status}${words === undefined ? "." : `: ${words}`}`;
}
