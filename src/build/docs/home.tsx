import { command } from "./samples/curl.ts";
import { CodeBox } from "./text.tsx";

interface HomeProps {
  readonly origin: string;
  readonly stylesheet: string;
  /** The address of the phone simulator in development; null for a deployment. */
  readonly simulator: string | null;
}

/** The page that a browser gets at a deployment's root. */
export function Home({ origin, stylesheet, simulator }: HomeProps) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>Sandi</title>
        <link rel="stylesheet" href={stylesheet} />
      </head>
      <body class="home">
        <header class="opening">
          <h1>Sandi is running</h1>
          <p>Phone verification over WhatsApp, on your own Cloudflare account.</p>
        </header>
        <main>
          <section aria-labelledby="first-code">
            <h2 id="first-code">Send the first code</h2>
            <p>
              The commands read the API key from your shell: the <code>ADMIN_KEY</code>
              {simulator === null ? " of this deployment." : " in .dev.vars."}
            </p>
            <CodeBox label="The key in your shell" code="export SANDI_KEY='your key'" language="shell" />
            <CodeBox
              label="curl: send a code"
              language="shell"
              code={command(`${origin}/v1/verifications`, "post", { to: "+6281234567890", locale: "id" })}
            />
            {simulator !== null && (
              <p>
                Messages do not leave this machine: read the code in the{" "}
                <a href={simulator}>phone simulator</a>.
              </p>
            )}
            <p>
              Then <a href="/docs#checkVerification">check the code</a>.
            </p>
          </section>
          {simulator !== null && (
            <section aria-labelledby="sign-in">
              <h2 id="sign-in">Sign a user in</h2>
              <p>
                The <a href={`${simulator}/shop`}>sample shop</a> signs its users in on a page of this Worker,
                where they confirm a payment as well. Keep the phone simulator beside it.
              </p>
            </section>
          )}
          <section aria-labelledby="next">
            <h2 id="next">What comes next</h2>
            <ul>
              <li>
                <a href="/docs">API reference</a>, and the same for programs as{" "}
                <a href="/openapi.json">openapi.json</a>
              </li>
              <li>
                <a href="/docs#createKey">Create an API key</a> for each app, with the scopes it needs
              </li>
              <li>
                <a href="/docs#setUpTemplates">Create the message templates</a> at WhatsApp
              </li>
              <li>
                <a href="/docs#whatsapp-webhook">Register the WhatsApp webhook</a>, which reports deliveries
              </li>
              <li>
                <a href="/docs#createWebhookEndpoint">Register a webhook endpoint</a> to receive events
              </li>
            </ul>
          </section>
        </main>
      </body>
    </html>
  );
}
