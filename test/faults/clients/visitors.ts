import type { App, Call } from "../history.ts";
import type { Pending, User } from "./user.ts";

/** Uses another app's key on a verification: by id nothing may be found, by number nothing of the first app. */
export function requestFromOtherApp(user: User, pending: Pending): Promise<Call> {
  const { id, purpose, session, bind } = pending;
  const other: App = pending.app === "default" ? "shop" : "default";
  const api = user.api(other, "other_app");
  const code = user.codeOf(pending) ?? user.newCode();
  return user.random.pick([
    () => api.read(id),
    () => api.cancel(id),
    () => api.approve(id),
    () => api.resend(id),
    () => api.check({ id, session, purpose, code, bind }),
    () => api.check({ id, session, purpose, code: user.newCode(), bind }),
  ])();
}

/** Checks the right code from another session, which may not find the verification. */
export function checkFromOtherSession(user: User, pending: Pending): Promise<Call> {
  const { random } = user;
  const { id, app, purpose, bind } = pending;
  const code = user.codeOf(pending) ?? user.newCode();
  const session = `never-started-${random.text("0123456789", 6)}`;
  const api = user.api(app, "other_session");
  const options = { purpose, bind, code: random.chance(0.5) ? code : user.newCode() };
  return random.pick([
    () => api.check({ ...options, id, session }),
    () => api.check({ ...options, id, session: pending.session === undefined ? session : undefined }),
    () => api.check({ ...options, id: null, to: user.spell(), session }),
  ])();
}

/** Begins a verification of the same number and purpose in another session, and sometimes finishes it. */
export async function startInOtherSession(user: User, pending: Pending): Promise<void> {
  const { random } = user;
  const { app, purpose, bind } = pending;
  const [session, customCode] = ["stranger", user.newCode()];
  const round = `stranger-${pending.id}`;
  const call = await user.api(app).start({
    to: user.spell(),
    session,
    device: "a stranger's phone",
    purpose,
    code: customCode,
    bind,
    metadata: { round },
  });
  const started = await user.findPending(
    app,
    round,
    call.shown.find(({ status }) => status === "pending"),
  );
  if (started === undefined) return;
  const own: Pending = { id: started.id, app, session, purpose, customCode, bind };
  const code = user.codeOf(pending);
  // The code of the other verification is a wrong one for this.
  if (code !== null && random.chance(0.5)) await user.check(own, code);
  if (random.chance(0.5)) await user.check(own, customCode);
}
