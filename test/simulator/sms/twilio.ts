import { Hono } from "hono";
import { randomHex, type SmsDesk } from "./desk.ts";
import { formOf } from "./form.ts";

/** Twilio's error titles and statuses that this stand-in answers (https://www.twilio.com/docs/api/errors). */
const ERRORS: Record<number, { status: number; message: string }> = {
  20003: { status: 401, message: "Authenticate" },
  20404: { status: 404, message: "The requested resource was not found" },
  20429: { status: 429, message: "Too Many Requests" },
  20500: { status: 500, message: "An internal server error has occurred" },
  21211: { status: 400, message: "Invalid 'To' Phone Number" },
  21212: { status: 400, message: "Invalid From Number" },
  21408: { status: 400, message: "Permission to send an SMS has not been enabled for the region" },
  21602: { status: 400, message: "Message body is required." },
  21603: { status: 400, message: "A 'From' or 'MessagingServiceSid' parameter is required" },
  21604: { status: 400, message: "A 'To' phone number is required." },
  21609: { status: 400, message: "The 'StatusCallback' URL is not a valid URL." },
  21610: { status: 400, message: "Attempt to send to unsubscribed recipient" },
  21617: { status: 400, message: "The concatenated message body exceeds the 1600 character limit" },
  21705: { status: 400, message: "The Messaging Service is invalid" },
};

const BODY_LIMIT = 1600;

/** Twilio's Programmable Messaging, as far as a sender of SMS calls it. The auth token is the secret. */
export function twilioRoutes(desk: SmsDesk, authToken: string): Hono {
  const app = new Hono();

  app.post("/2010-04-01/Accounts/:sid/Messages.json", async (c) => {
    const sid = c.req.param("sid");
    const isAccount = /^AC[0-9a-f]{32}$/i.test(sid);
    const credentials = `Basic ${btoa(`${sid}:${authToken}`)}`;
    if (!isAccount || c.req.header("Authorization") !== credentials) return twilioError(20003);
    const failure = await desk.nextFailure(c.req.raw.signal);
    if (failure) return twilioError(failure.code, failure.http_status);

    const form = await formOf(c.req);
    const fault = faultOf(form);
    if (fault !== null) return twilioError(fault);
    const id = `SM${randomHex(32)}`;
    const [to = "", text = ""] = [form.get("To") ?? "", form.get("Body") ?? ""];
    const callback = form.get("StatusCallback");
    const from = form.get("From") ?? form.get("MessagingServiceSid") ?? "";
    desk.accept({
      id,
      gateway: "twilio",
      from,
      to,
      text,
      callback_url: callback,
      callback_data: callback === null ? null : new URL(callback).searchParams.get("ref"),
    });
    return Response.json(resource(sid, id, form), { status: 201 });
  });

  app.all("*", () => twilioError(20404));
  return app;
}

/** The first error code of an invalid request; null for a valid one. */
function faultOf(form: URLSearchParams): number | null {
  const [to, body, from] = [form.get("To"), form.get("Body"), form.get("From")];
  const [service, callback] = [form.get("MessagingServiceSid"), form.get("StatusCallback")];
  if (!to) return 21604;
  if (!/^\+[1-9]\d{6,14}$/.test(to)) return 21211;
  if (!from && !service) return 21603;
  if (from && !/^(\+?[1-9]\d{2,14}|(?=.*[A-Za-z])[\w +&-]{1,11})$/.test(from)) return 21212;
  if (service && !/^MG[0-9a-f]{32}$/i.test(service)) return 21705;
  if (!body) return 21602;
  if ([...body].length > BODY_LIMIT) return 21617;
  if (callback && !URL.canParse(callback)) return 21609;
  return null;
}

function resource(accountSid: string, sid: string, form: URLSearchParams) {
  return {
    sid,
    account_sid: accountSid,
    api_version: "2010-04-01",
    status: "queued",
    to: form.get("To"),
    from: form.get("From"),
    body: form.get("Body"),
    messaging_service_sid: form.get("MessagingServiceSid"),
    direction: "outbound-api",
    num_media: "0",
    num_segments: "1",
    error_code: null,
    error_message: null,
    price: null,
    price_unit: "USD",
    uri: `/2010-04-01/Accounts/${accountSid}/Messages/${sid}.json`,
  };
}

function twilioError(code: number, status = ERRORS[code]?.status ?? 400): Response {
  const message = ERRORS[code]?.message ?? "Unable to create record";
  const more_info = `https://www.twilio.com/docs/errors/${code}`;
  return Response.json({ code, message, more_info, status }, { status });
}
