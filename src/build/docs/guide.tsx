import { PROBLEMS, type ProblemCode } from "../../platform/problem.ts";
import { REMEDIES } from "./remedies.ts";
import { CodeBox, Prose } from "./text.tsx";

interface GuideProps {
  readonly origin: string;
}

/** How to authenticate. */
export function Authentication({ origin }: GuideProps) {
  return (
    <section id="authentication" aria-labelledby="authentication-title">
      <h2 id="authentication-title">Authentication</h2>
      <p>
        The API is at <code>{origin}/v1</code>. Every request to it carries an API key as a bearer token:{" "}
        <code>Authorization: Bearer …</code>. The deployment's own <code>ADMIN_KEY</code> may do everything;
        give each app <a href="#createKey">a key of its own</a>, with the scopes it needs and no others.
      </p>
      <p>
        A key belongs to one app of the deployment and reaches that app's verifications, notifications and
        webhook endpoints only. <code>ADMIN_KEY</code> acts for the app that the header <code>Sandi-App</code>{" "}
        names, or for <code>default</code>.
      </p>
      <p>
        The curl lines on this page read the key from your shell, and ids that an earlier answer gave you,
        such as <code>$VERIFICATION_ID</code>:
      </p>
      <CodeBox label="The key in your shell" code="export SANDI_KEY='your key'" language="shell" />
      <p>
        The TypeScript samples use the npm package that <code>npm pack</code> makes in the repository of the
        deployment, and those for Twilio's SDK its own client; the <a href="#quick-start">quick start</a> sets
        up both.
      </p>
    </section>
  );
}

/** How requests and answers are written. */
export function Conventions() {
  return (
    <section id="conventions" aria-labelledby="conventions-title">
      <h2 id="conventions-title">Conventions</h2>
      <p>
        Bodies are JSON. Phone numbers are E.164, languages BCP 47, times ISO 8601 in UTC. A field that a call
        does not know is refused, not ignored. Every answer has an <code>X-Request-Id</code>: quote it when
        something is unclear.
      </p>
      <h3 id="idempotency">Idempotency</h3>
      <p>
        A call that lists the header <code>Idempotency-Key</code> can be repeated without harm. Choose a new
        key for each thing you want done, and send the same one when you try again: with the same body it
        gives the first answer once more and sends no second message. With another body it gives{" "}
        <a href="#idempotency_mismatch">
          <code>idempotency_mismatch</code>
        </a>
        , and while the first request is still running{" "}
        <a href="#idempotency_in_progress">
          <code>idempotency_in_progress</code>
        </a>
        .
      </p>
    </section>
  );
}

/** Addresses that apps do not call: WhatsApp's webhook, and the health check. */
export function OtherAddresses({ origin }: GuideProps) {
  return (
    <>
      <section id="whatsapp-webhook" aria-labelledby="whatsapp-webhook-title">
        <h2 id="whatsapp-webhook-title">WhatsApp webhook</h2>
        <p>
          WhatsApp reports the status of each message to this address: sent, delivered, read, or why it
          failed. Give it to Meta as the callback URL, under{" "}
          <em>Meta for Developers › your app › WhatsApp › Configuration</em>, with the deployment's{" "}
          <code>WHATSAPP_VERIFY_TOKEN</code>, and subscribe to the field <code>messages</code>.
        </p>
        <CodeBox label="The callback URL" code={`${origin}/webhooks/whatsapp`} language="shell" />
        <p>
          <code>GET</code> answers Meta's handshake. <code>POST</code> takes events, and only those whose{" "}
          <code>X-Hub-Signature-256</code> is right for the app's secret; anything else gets 401 and changes
          nothing. An event that could not be stored is answered with 500, so that Meta sends it again.
        </p>
      </section>
      <section id="health" aria-labelledby="health-title">
        <h2 id="health-title">Health</h2>
        <p>
          Answers 200 and <code>{'{ "status": "ok" }'}</code> when the Worker runs and its configuration is
          valid. It needs no key.
        </p>
        <CodeBox label="curl: health" code={`curl ${origin}/health`} language="shell" />
      </section>
    </>
  );
}

/** Every problem code, when it occurs and what to do; the endpoints link here. */
export function ProblemCodes() {
  return (
    <section id="problems" aria-labelledby="problems-title">
      <h2 id="problems-title">Problems</h2>
      <p>
        Every error is a <a href="#Problem">Problem</a>, as <code>application/problem+json</code> (RFC 9457).
        Decide by its <code>code</code>: codes stay, texts may change. With 400 come all faults at once, in{" "}
        <code>errors</code>; with 409, 429 and 503 comes <code>Retry-After</code>, in seconds.
      </p>
      <div class="problems">
        {Object.entries(PROBLEMS).map(([code, [status, title]]) => {
          const { when, remedy } = REMEDIES[code as ProblemCode];
          return (
            <section id={code}>
              <h3>
                <a href={`#${code}`}>
                  <code>{code}</code>
                </a>{" "}
                <span class="status">{status}</span>
              </h3>
              <p>{title}.</p>
              <dl>
                <dt>When</dt>
                <dd>
                  <Prose text={when} />
                </dd>
                <dt>What to do</dt>
                <dd>
                  <Prose text={remedy} />
                </dd>
              </dl>
            </section>
          );
        })}
      </div>
    </section>
  );
}
