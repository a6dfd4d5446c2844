import { describe, expect, it } from "vitest";
import {
  api,
  messagesChange,
  newNumber,
  start,
  statuses,
  unixNow,
  useDeployment,
  webhook,
} from "../deployment.ts";

useDeployment();

let taps = 0;

/** A tap on "I didn't request a code" under a message. */
function tap(contextId: string, more: object = {}) {
  taps += 1;
  return messagesChange({
    messages: [
      {
        id: `wamid.tap${taps}`,
        from_user_id: "ID.5551",
        timestamp: String(unixNow()),
        type: "button",
        button: { payload: "DID_NOT_REQUEST_CODE", text: "I didn't request a code" },
        context: { id: contextId },
        ...more,
      },
    ],
  });
}

async function begin() {
  const to = newNumber();
  const { body } = await start({ to });
  return { to, id: body.id as string, wamid: body.messages[0].provider_message_id as string };
}

const read = async (id: string) => (await api("GET", `/v1/verifications/${id}`)).body;

/** A delivery without a recipient's id, as Meta may write it for users with a username. */
const delivered = ({ id, wamid }: Awaited<ReturnType<typeof begin>>) =>
  statuses({
    id: wamid,
    status: "delivered",
    timestamp: String(unixNow()),
    biz_opaque_callback_data: `${id}.0`,
  });

describe("14-username-user-denies", () => {
  it("a status without a recipient counts by its callback data", async () => {
    const begun = await begin();
    expect((await webhook(delivered(begun))).status).toBe(200);
    expect((await read(begun.id)).messages[0]).toMatchObject({ status: "delivered" });
  });

  it.each([
    ["no sender", {}],
    ["a user id as the sender", { from: "ID.5551" }],
  ])("a tap with %s closes the verification whose message it names", async (_, from) => {
    const begun = await begin();
    await webhook(delivered(begun));
    expect((await webhook(tap(begun.wamid, from))).status).toBe(200);
    expect(await read(begun.id)).toMatchObject({ status: "failed", reason: "denied_by_user" });
  });

  it.each([
    ["an unknown message of the same number", (wamid: string) => `${wamid.slice(0, -8)}AAAAAAA=`],
    ["a message id of another form", () => "wamid.X"],
    ["no message id at all", () => ""],
  ])("a tap without a number under %s changes nothing", async (_, contextId) => {
    const begun = await begin();
    await webhook(delivered(begun));
    expect((await webhook(tap(contextId(begun.wamid)))).status).toBe(200);
    expect(await read(begun.id)).toMatchObject({ status: "pending" });
  });

  it("a tap that is older than the verification it would deny changes nothing", async () => {
    const begun = await begin();
    const old = { from: begun.to.slice(1), timestamp: String(unixNow() - 60) };
    expect((await webhook(tap("wamid.of-a-week-ago", old))).status).toBe(200);
    expect((await webhook(tap(begun.wamid, old))).status).toBe(200);
    expect(await read(begun.id)).toMatchObject({ status: "pending" });
  });

  it("a tap under an older message leaves a verification alone whose message is another one", async () => {
    const begun = await begin();
    await webhook(delivered(begun));
    await webhook(tap("wamid.of-a-week-ago", { from: begun.to.slice(1) }));
    expect(await read(begun.id)).toMatchObject({ status: "pending" });
  });
});
