import { done, learned, type Setup, type Step, stop, TODO } from "./step.ts";
import { readVar, writeVar } from "./worker-settings.ts";

const NUMBER = "WHATSAPP_PHONE_NUMBER_ID";
const ACCOUNT = "WHATSAPP_BUSINESS_ACCOUNT_ID";

/** Step 4: the two ids in wrangler.toml, where a team reviews them in git. */
export const settings: Step = {
  id: "settings",
  title: "Settings",
  async isDone(setup) {
    if (!setup.options.deploys) return done("wrangler.toml is not needed for a deployment that exists");
    const written = await readIds(setup);
    const wanted = idsOf(setup);
    const isWritten = written.number === wanted.number && written.account === wanted.account;
    if (isWritten) return done("wrangler.toml has both ids");
    const hasOther = isOther(written.number, wanted.number) || isOther(written.account, wanted.account);
    if (!hasOther || setup.options.replacesIds) return TODO;
    const isSwapped = written.number === wanted.account || written.account === wanted.number;
    return stop(
      isSwapped
        ? "The two ids in wrangler.toml are swapped. Correct them, or run this with --replace."
        : `wrangler.toml has the ids of another number (${written.number}, account ${written.account}). To use ${wanted.number} of account ${wanted.account} instead, run this with --replace.`,
    );
  },
  async do(setup) {
    const { number, account } = idsOf(setup);
    const text = await setup.project.readSettings();
    await setup.project.writeSettings(writeVar(writeVar(text, ACCOUNT, account), NUMBER, number));
    return done("wrote both ids into wrangler.toml");
  },
};

async function readIds({ project }: Setup): Promise<{ number: string; account: string }> {
  const text = await project.readSettings();
  return { number: readVar(text, NUMBER) ?? "", account: readVar(text, ACCOUNT) ?? "" };
}

function idsOf(setup: Setup): { number: string; account: string } {
  return { number: learned(setup, "number").id, account: learned(setup, "account").id };
}

function isOther(written: string, wanted: string): boolean {
  return written !== "" && written !== wanted;
}
