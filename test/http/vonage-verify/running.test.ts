import { beforeEach, describe, expect, it, vi } from "vitest";
import { codeSentTo, control, messagesTo, newNumber, useDeployment, wrong } from "../../deployment.ts";
import { steps, VonageService, WRONG } from "./vonage-service.ts";

const UNKNOWN = "00000000-0000-0000-0000-000000000000";
const DAY_MS = 24 * 3_600_000;

const deployment = useDeployment();
let service: VonageService;
let to = "";

beforeEach(() => {
  service = new VonageService();
  to = newNumber();
});

async function begin(...channels: readonly string[]): Promise<{ id: string; code: string }> {
  const { body } = await service.start(steps(to, ...(channels.length > 0 ? channels : ["whatsapp", "sms"])));
  return { id: body.request_id, code: await codeSentTo(deployment, to) };
}

/** Sets the time; only then, since a stopped clock would hide what time does. */
function wait(milliseconds: number): void {
  vi.useFakeTimers({ now: Date.now() + milliseconds, toFake: ["Date"] });
}

function expectNotFound(answer: Awaited<ReturnType<VonageService["call"]>>, id: string): void {
  expect(answer).toMatchObject({
    status: 404,
    body: {
      type: "https://developer.vonage.com/api-errors#not-found",
      title: "Not Found",
      detail: `Request ${id} was not found or it has been verified already.`,
    },
  });
}

const fragmentOf = ({ body }: { readonly body: { readonly type: string } }) => body.type.split("#")[1];

/** Each way in which a request may be over. */
const ENDS: readonly (readonly [
  title: string,
  end: (request: { id: string; code: string }) => Promise<unknown>,
])[] = [
  ["that was completed", ({ id, code }) => service.check(id, code)],
  ["that was canceled", ({ id }) => service.call("DELETE", `/${id}`)],
  ["that has expired", async () => wait(300_000)],
  [
    "that the user denied having made",
    async ({ id }) => {
      const [message] = await messagesTo(deployment, to);
      await control(deployment, "POST", "/inbound", {
        from: to,
        button_payload: "DID_NOT_REQUEST_CODE",
        context_id: message?.id,
      });
      expect((await service.shown(to)).reason, id).toBe("denied_by_user");
    },
  ],
  [
    "whose attempts were used up before it would have expired",
    async ({ id }) => {
      for (let attempt = 0; attempt < 5; attempt += 1) await service.check(id, WRONG);
      wait(300_000);
    },
  ],
];

describe("A check of a Vonage request", () => {
  it("with the right code is answered with 200 and completed", async () => {
    const { id, code } = await begin();
    expect(await service.check(id, code)).toMatchObject({
      status: 200,
      text: `{"request_id":"${id}","status":"completed"}`,
    });
    expect((await service.shown(to)).status).toBe("approved");
  });

  it("with a wrong code is answered with 400 invalid-code, and the right one still counts", async () => {
    const { id, code } = await begin();
    const answer = await service.check(id, wrong(code));
    expect([answer.status, fragmentOf(answer), answer.body.title]).toEqual([
      400,
      "invalid-code",
      "Invalid Code",
    ]);
    expect(deployment.logLines.join()).toContain('"outcome":"wrong_code"');
    expect((await service.check(id, code)).status).toBe(200);
  });

  it("with the wrong code that uses up the attempts is answered with 410, and so is every check after it", async () => {
    const { id, code } = await begin();
    const statuses = [];
    for (let attempt = 0; attempt < 6; attempt += 1)
      statuses.push((await service.check(id, wrong(code))).status);
    expect(statuses).toEqual([400, 400, 400, 400, 410, 410]);
    const right = await service.check(id, code);
    expect([right.status, fragmentOf(right)]).toEqual([410, "expired"]);
    wait(299_000);
    expect((await service.check(id, code)).status).toBe(410);
    wait(1000);
    expectNotFound(await service.check(id, code), id);
  });

  it.each(ENDS)("of one %s is answered with 404", async (_, end) => {
    const request = await begin();
    await end(request);
    expectNotFound(await service.check(request.id, request.code), request.id);
  });

  it("of one that could not be delivered is answered with 404", async () => {
    const { id, code } = await begin("whatsapp");
    const [message] = await messagesTo(deployment, to);
    await control(deployment, "POST", `/messages/${message?.id}/status`, {
      status: "failed",
      error_code: 131026,
    });
    expectNotFound(await service.check(id, code), id);
  });

  it("of one that is a day old, or never was, is answered with 404", async () => {
    const { id, code } = await begin();
    await service.call("DELETE", `/${id}`);
    wait(DAY_MS + 1);
    expectNotFound(await service.check(id, code), id);
    expectNotFound(await service.check(UNKNOWN, code), UNKNOWN);
  });

  it.each(["upper case", "no hyphens", "the native spelling"])(
    "by an id in %s is answered with 404",
    async (spelling) => {
      const { id, code } = await begin();
      const native = (await service.shown(to)).id;
      const ids: Record<string, string> = {
        "upper case": id.toUpperCase(),
        "no hyphens": id.replaceAll("-", ""),
        "the native spelling": native,
      };
      const answer = await service.check(ids[spelling] ?? "", code);
      expect([answer.status, fragmentOf(answer)]).toEqual([404, "not-found"]);
    },
  );

  it.each([{}, { code: "" }, { code: 123456 }, { code: "-" }, { code: "123456", extra: 1 }])(
    "with the body %j is answered with 422",
    async (body) => {
      const { id } = await begin();
      const answer = await service.call("POST", `/${id}`, body);
      expect([answer.status, fragmentOf(answer)]).toEqual([422, "invalid-params"]);
    },
  );

  it("while the number is locked is answered with 429 throttled and a Retry-After", async () => {
    await service.lock(to);
    wait(30_000);
    const { id } = await begin();
    const last = await service.check(id, WRONG);
    expect(last.status).toBe(400);
    const locked = await service.check(id, WRONG);
    expect([locked.status, fragmentOf(locked)]).toEqual([429, "throttled"]);
    expect(Number(locked.headers.get("retry-after"))).toBeGreaterThan(30);
  });
});

describe("The next step of a Vonage request", () => {
  it("sends the same code over the next channel at once, and there is no step after the last", async () => {
    const { id, code } = await begin("whatsapp", "sms");
    expect(await service.call("POST", `/${id}/next_workflow`)).toMatchObject({ status: 200, text: "{}" });
    const sent = await messagesTo(deployment, to);
    expect(sent.map((message) => [message.channel, message.code])).toEqual([
      ["sms", code],
      ["whatsapp", code],
    ]);
    const none = await service.call("POST", `/${id}/next_workflow`);
    expect([none.status, fragmentOf(none), none.body.request_id]).toEqual([409, "conflict", undefined]);
    expect(await messagesTo(deployment, to)).toHaveLength(2);
    expect((await service.check(id, code)).status).toBe(200);
  });

  it("is that of the workflow's own order", async () => {
    const { id } = await begin("sms", "whatsapp");
    await service.call("POST", `/${id}/next_workflow`, {});
    expect((await messagesTo(deployment, to)).map(({ channel }) => channel)).toEqual(["whatsapp", "sms"]);
  });

  it("is none for a workflow of one channel", async () => {
    const { id } = await begin("whatsapp");
    expect((await service.call("POST", `/${id}/next_workflow`)).status).toBe(409);
  });

  it("is none after the workflow has fallen back by itself", async () => {
    await control(deployment, "PUT", "/behaviour", { fail_next: [{ http_status: 400, code: 131026 }] });
    const { id } = await begin("whatsapp", "sms");
    expect((await service.call("POST", `/${id}/next_workflow`)).status).toBe(409);
  });

  it("is taken once by two calls at the same moment", async () => {
    const { id } = await begin("whatsapp", "sms");
    const answers = await Promise.all([1, 2].map(() => service.call("POST", `/${id}/next_workflow`)));
    expect(answers.map(({ status }) => status).sort()).not.toEqual([200, 200]);
    expect(await messagesTo(deployment, to)).toHaveLength(2);
  });

  it("needs no body, and takes an empty object only", async () => {
    const { id } = await begin();
    const answer = await service.call("POST", `/${id}/next_workflow`, { channel: "sms" });
    expect([answer.status, answer.body.invalid_parameters]).toMatchObject([422, [{ name: "channel" }]]);
  });

  it.each(ENDS)("of one %s is answered with 404", async (_, end) => {
    const request = await begin();
    await end(request);
    expectNotFound(await service.call("POST", `/${request.id}/next_workflow`), request.id);
  });

  it("of one of a single channel that is over is answered with 404", async () => {
    const { id } = await begin("whatsapp");
    await service.call("DELETE", `/${id}`);
    expectNotFound(await service.call("POST", `/${id}/next_workflow`), id);
  });

  it("of an unknown one is answered with 404", async () => {
    expectNotFound(await service.call("POST", `/${UNKNOWN}/next_workflow`), UNKNOWN);
  });
});

describe("A cancellation of a Vonage request", () => {
  it("is answered with 204, and the code stops working", async () => {
    const { id, code } = await begin();
    expect(await service.call("DELETE", `/${id}`)).toMatchObject({ status: 204, text: "" });
    expect(await service.shown(to)).toMatchObject({ status: "canceled", reason: null });
    expectNotFound(await service.check(id, code), id);
  });

  it.each(ENDS)("of one %s is answered with 404", async (_, end) => {
    const request = await begin();
    await end(request);
    expectNotFound(await service.call("DELETE", `/${request.id}`), request.id);
  });

  it("of an unknown one is answered with 404", async () => {
    expectNotFound(await service.call("DELETE", `/${UNKNOWN}`), UNKNOWN);
  });
});

describe("Paths under /vonage that are not served", () => {
  it.each([
    ["GET", "/templates", "templates"],
    ["POST", "/templates", ""],
    ["GET", `/${UNKNOWN}`, ""],
    ["PUT", "", ""],
  ])("%s %s is answered with 404 in Vonage's dialect", async (method, path, named) => {
    const answer = await service.call(method, path);
    expect([answer.status, fragmentOf(answer)]).toEqual([404, "not-found"]);
    expect(answer.body.detail).toContain(named);
    expect(answer.headers.get("content-type")).toBe("application/json");
  });
});
