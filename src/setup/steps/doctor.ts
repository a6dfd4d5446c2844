import * as z from "zod";
import { callDeployment, problemOf } from "./answers.ts";
import { done, type Note, type Step, TODO } from "./step.ts";

const examination = z.object({
  verdict: z.enum(["ready", "limited", "trial", "blocked"]),
  next: z.string(),
  checks: z.array(
    z.object({
      id: z.string(),
      state: z.string(),
      sentence: z.string(),
      repair: z.object({ text: z.string(), url: z.string().optional() }).nullish(),
    }),
  ),
});

/** Step 14: every check of the doctor, as the deployment sees it. */
export const doctor: Step = {
  id: "doctor",
  title: "Doctor",
  isDone: () => Promise.resolve(TODO),
  async do(setup) {
    const answer = await callDeployment(setup, "GET", "/v1/doctor?fresh=true");
    const found = examination.safeParse(answer?.body).data;
    if (answer?.status !== 200 || found === undefined) {
      return { ...done(`the checks did not run. ${problemOf(answer)}`), isPartial: true };
    }
    const faults = found.checks.filter(({ state }) => state === "failed" || state === "warning");
    setup.known.examined = { verdict: found.verdict, next: faults.length === 0 ? null : found.next };
    const fine = found.checks.filter(({ state }) => state === "ok").length;
    const rest = found.checks.length - fine - faults.length;
    const proof = `${fine} checks are fine, ${faults.length} not; ${rest} could not be examined`;
    return { ...done(proof), isPartial: faults.length > 0, notes: faults.map(toNote) };
  },
};

function toNote({ id, sentence, repair }: z.output<typeof examination>["checks"][number]): Note {
  const text = `${id}: ${sentence}${repair == null ? "" : ` ${repair.text}`}`;
  return repair?.url === undefined ? { text } : { text, url: repair.url };
}
