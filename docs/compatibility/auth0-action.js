/**
 * Auth0: Branding > Phone Provider > Custom. Sends Auth0's codes over WhatsApp with Sandi.
 *
 * Secrets of the Action: SANDI_URL, such as https://otp.example.com, and SANDI_KEY, an API key with the scope `hooks`.
 * It needs no package.
 */

/** Auth0 ends an Action after 20 seconds. */
const TIMEOUT_MS = 10_000;

exports.onExecuteCustomPhoneProvider = async (event, api) => {
  const { notification, request, secrets } = event;
  const { recipient, code, message_type, delivery_method, locale } = notification;
  if (!code) return api.notification.drop("This message has no code.");
  let status;
  try {
    const response = await fetch(new URL("/hooks/auth0", secrets.SANDI_URL), {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${secrets.SANDI_KEY}` },
      body: JSON.stringify({ recipient, code, message_type, delivery_method, locale, ip: request && request.ip }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    status = response.status;
  } catch {
    return api.notification.retry("Sandi did not answer.");
  }
  if (status >= 200 && status < 300) return;
  if (status === 429 || status >= 500) return api.notification.retry(`Sandi answered ${status}.`);
  return api.notification.drop(`Sandi answered ${status}.`);
};
