import { Hono } from "hono";
import { randomHex, type SmsDesk } from "./desk.ts";
import { formOf } from "./form.ts";

/** The meanings of `status` in a response (https://developer.vonage.com/en/api-errors/sms). */
const ERROR_TEXTS: Record<number, string> = {
  1: "Throughput Rate Exceeded - please wait and retry",
  4: "Bad Credentials",
  5: "Internal Error",
  6: "Unroutable message - rejected",
  7: "Number barred",
  9: "Quota Exceeded - rejected",
  15: "Illegal Sender Address - rejected",
  23: "Invalid Callback Url",
};

/** Characters that an SMS of type `text` loses; near enough to what is not in the GSM alphabet. */
const LOST = /[^\n\r -\u00ff\u0393\u0394\u0398\u039b\u039e\u03a0\u03a3\u03a6\u03a8\u03a9\u20ac]/gu;

const CALLBACK_LIMIT = 100;

/** Vonage's SMS API; 200 to everything, as Vonage answers. Takes any API key with the secret. */
export function vonageRoutes(desk: SmsDesk, apiSecret: string): Hono {
  return new Hono().post("/sms/json", async (c) => {
    const form = await formOf(c.req);
    if (secretOf(c.req.header("Authorization"), form) !== apiSecret) return refusal("4");
    const failure = await desk.nextFailure(c.req.raw.signal);
    if (failure) return refusal(String(failure.code));

    const [from, to, text] = [form.get("from"), form.get("to"), form.get("text")];
    const missing = [from === null && "from", to === null && "to", text === null && "text"].find(Boolean);
    if (!from || !to || !text) return refusal("2", `Missing ${missing || "text"} param`);
    if (!/^\d{7,15}$/.test(to)) return refusal("3", "Invalid value for param: to");
    const callback = form.get("callback");
    if (callback !== null && (callback.length > CALLBACK_LIMIT || !URL.canParse(callback))) {
      return refusal("23");
    }
    const reference = form.get("client-ref");
    const id = randomHex(32).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
    desk.accept({
      id,
      gateway: "vonage",
      from,
      to: `+${to}`,
      callback_data: reference,
      text: form.get("type") === "unicode" ? text : text.replace(LOST, "?"),
      callback_url: form.get("status-report-req") === "false" ? null : callback,
    });
    return answer({
      to,
      "message-id": id,
      status: "0",
      "remaining-balance": "10.00000000",
      "message-price": "0.03330000",
      network: "51010",
      "client-ref": reference ?? undefined,
    });
  });
}

/** The secret from Basic authentication, or from the form of the older API. */
function secretOf(header: string | undefined, form: URLSearchParams): string | null {
  const basic = header?.match(/^Basic ([A-Za-z0-9+/]+={0,2})$/)?.[1];
  return basic === undefined ? form.get("api_secret") : atob(basic).replace(/^[^:]*:/, "");
}

function refusal(status: string, text = ERROR_TEXTS[Number(status)] ?? "Rejected"): Response {
  return answer({ status, "error-text": text });
}

function answer(message: object): Response {
  return Response.json({ "message-count": "1", messages: [message] });
}
