import { Hono } from "hono";
import { BehaviourScript } from "./behaviour.ts";
import { BUSINESS } from "./business.ts";
import { controlRoutes } from "./control.ts";
import { eventRoutes } from "./events.ts";
import { GraphError } from "./graph/errors.ts";
import { CallLog } from "./graph/management/call-log.ts";
import { graphRoutes, unknownPath } from "./graph/routes.ts";
import type { Message } from "./messages.ts";
import { SmsDesk } from "./sms/desk.ts";
import { DEFAULT_SMS_SECRET, type SmsOptions } from "./sms/options.ts";
import { smsRoutes } from "./sms/routes.ts";
import { type SimulatorState, Store } from "./store.ts";
import type { Template } from "./templates/template.ts";
import { Traffic } from "./traffic.ts";
import { turnstileRoutes } from "./turnstile.ts";
import { Deliveries } from "./webhooks/deliveries.ts";
import { handshakeBy } from "./webhooks/handshake.ts";
import { type Deliver, WebhookSender } from "./webhooks/sender.ts";
import { statusChange } from "./webhooks/template-changes.ts";

export interface SimulatorOptions {
  /** The URL of the WhatsApp webhook of the Worker. */
  webhookUrl: string;
  /** Signs the webhooks. */
  appSecret: string;
  /** Default: none, so that Meta makes no handshake by itself. */
  verifyToken?: string;
  /** The bearer token that Graph calls must carry. */
  accessToken: string;
  phoneNumberId: string;
  businessAccountId: string;
  /** Default: callbacks to `/webhooks/sms` beside the WhatsApp webhook, and the secret for development. */
  sms?: SmsOptions;
  /** How webhooks are posted; default: the global `fetch`. */
  deliver?: Deliver;
  /** Milliseconds since the epoch; default: `Date.now`. */
  now?: () => number;
  /** A shell command that the page shows while there is no message. */
  curlExample?: string;
  /** The state that an earlier simulator saved; default: the initial state. */
  initialState?: SimulatorState;
  /** Called after each change with a function that reads the state to save. */
  save?: (state: () => SimulatorState) => void;
}

export interface Simulator {
  /** The Graph API, the SMS gateways, Turnstile and the `/_sim` calls; web APIs only, so it also runs inside workerd. */
  app: Hono;
  /** Resolves when no webhook is pending, including retries. */
  settled(): Promise<void>;
  /** Drops pending webhooks and ends the event streams. */
  close(): void;
}

/** A stand-in for WhatsApp's Cloud API, for SMS gateways, and for the phones behind them. */
export function createSimulator(options: SimulatorOptions): Simulator {
  // Looked up at each call, because tests replace `Date.now`.
  const now = options.now ?? (() => Date.now());
  const { businessAccountId, phoneNumberId, accessToken, save } = options;
  const account = { businessAccountId, phoneNumberId };
  const { webhookUrl, appSecret, verifyToken = null } = options;
  const store = new Store({ webhookUrl, appSecret, verifyToken, businessAccountId }, options.initialState);
  const behaviour = new BehaviourScript();
  const traffic = new Traffic();
  const calls = new CallLog();
  const isAuto = () => behaviour.current.delivery === "auto";
  const sms = options.sms ?? {
    callbackUrl: new URL("/webhooks/sms", options.webhookUrl).href,
    secret: DEFAULT_SMS_SECRET,
  };
  const deliver = withinReach(webhookUrl, options.deliver ?? deliverByFetch);
  const handshake = handshakeBy(deliver);
  const deliveries = new Deliveries({
    account,
    store,
    now,
    retriesControlCalls: isAuto,
    sender: new WebhookSender(deliver),
    sms: { secret: sms.secret, signatureSecret: sms.signatureSecret ?? sms.secret },
  });
  const onAccepted = (message: Message) => {
    if (isAuto()) deliveries.start(message);
  };
  const onReviewed = (template: Template) => {
    if (isAuto()) deliveries.announceLater([statusChange(template, template.status, null)]);
  };
  const closing = new AbortController();
  if (save) store.subscribe(() => save(() => store.state()));

  const app = new Hono();
  app.onError((error) => {
    if (error instanceof GraphError) return error.response();
    // A bug of the simulator must not look like an error of WhatsApp.
    console.error(error);
    return new Response("The simulator failed; see its log.", { status: 500 });
  });
  app.route("/_sim", controlRoutes({ store, behaviour, deliveries, traffic, calls, handshake, now }));
  app.route(
    "/_sim",
    eventRoutes({ store, curlExample: options.curlExample ?? null, closing: closing.signal }),
  );
  // In place of wa.me, which leads to the real WhatsApp: the page opens with the draft.
  app.get("/wa/:number", (c) => {
    if (c.req.param("number") !== BUSINESS.number)
      return c.text("No simulated business has this number.", 404);
    return c.redirect(`/?${new URLSearchParams({ draft: c.req.query("text") ?? "" })}`);
  });
  app.all("/_sim/*", (c) => c.json({ error: `no control call ${c.req.method} ${c.req.path}` }, 404));
  app.route("/", turnstileRoutes());
  app.route("/", smsRoutes(new SmsDesk({ store, behaviour, now, onAccepted }), sms));
  app.route(
    "/",
    graphRoutes({
      account,
      accessToken,
      store,
      behaviour,
      traffic,
      calls,
      now,
      handshake,
      onAccepted,
      onReviewed,
    }),
  );
  app.notFound((c) => unknownPath(c.req.path).response());

  return {
    app,
    settled: () => deliveries.settled(),
    close: () => {
      closing.abort();
      deliveries.close();
    },
  };
}

/** The timeout after which a webhook counts as not acknowledged. */
const ANSWER_WITHIN_MS = 20_000;

/** Webhooks to another host than the Worker's end here as if that host took them: nothing leaves this machine. */
function withinReach(webhookUrl: string, deliver: Deliver): Deliver {
  const { hostname } = new URL(webhookUrl);
  const near: readonly string[] = [hostname, "127.0.0.1", "localhost", "[::1]"];
  return async (request) =>
    near.includes(new URL(request.url).hostname) ? deliver(request) : new Response(null);
}

function deliverByFetch(request: Request): Promise<Response> {
  return fetch(request, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
}
