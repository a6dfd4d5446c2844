import { setTimeout as pause } from "node:timers/promises";
import { COOL_DOWN_MS } from "../clients/actions.ts";
import { requestFromOtherApp } from "../clients/visitors.ts";
import { begin, many, type Scenario, tryToBegin } from "./scenarios.ts";

/** Uses another app's key on a pending verification and on its number, and reads it afterwards. */
export const requestsFromOtherApp: Scenario = async (user) => {
  const pending = await begin(user, { app: "shop" });
  await many(() => requestFromOtherApp(user, pending));
  const other = user.api("default");
  await other.list();
  await other.check({ id: null, purpose: pending.purpose, code: user.newCode() });
  await user.api(pending.app).read(pending.id);
};

/** Two browsers verify the same number for the same purpose; each uses the other's code, then its own. */
export const twoSessions: Scenario = async (user) => {
  const first = await begin(user, { session: "browser", metadata: { round: "first" } });
  const second = await tryToBegin(user, { session: "another browser", metadata: { round: "second" } });
  if (second === null) return;
  const read = () => Promise.all([first, second].map(({ app, id }) => user.api(app).read(id)));
  await read();
  const ask = (kind: "valid" | "other_session", id: string | null, of: typeof first, code: string | null) =>
    user
      .api(of.app, kind)
      .check({ id, session: of.session, purpose: of.purpose, code: code ?? "", bind: of.bind });
  await ask("other_session", first.id, second, first.customCode);
  await ask("other_session", second.id, first, second.customCode);
  await ask("valid", null, second, first.customCode);
  await read();
  await ask("valid", null, first, first.customCode);
  await ask("valid", second.id, second, second.customCode);
  await read();
};

/** Another caller starts a pending verification again, after its cool-down, with other metadata. */
export const repeatedStart: Scenario = async (user) => {
  const pending = await begin(user, { purpose: "signup", metadata: { round: "first" } });
  await pause(COOL_DOWN_MS);
  const api = user.api(pending.app);
  await api.start({ purpose: "signup", metadata: { round: "second" } });
  await api.read(pending.id);
};

/** Every scenario of this file once. */
export const REACH_SCENARIOS: readonly Scenario[] = [requestsFromOtherApp, twoSessions, repeatedStart];
