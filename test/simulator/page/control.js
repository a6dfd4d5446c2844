import { toast } from "./elements.js";

/**
 * Calls the simulator.
 * @param {string} method
 * @param {string} path below `/_sim`
 * @param {object} body
 * @returns {Promise<object | null>} its answer, or null when it refused, which has been said
 */
export async function call(method, path, body) {
  const response = await fetch(`/_sim${path}`, { method, body: JSON.stringify(body) });
  if (response.ok) return response.json();
  toast("The simulator refused the change");
  return null;
}

/**
 * Makes a call that posts a webhook, and says if that was not taken.
 * @param {string} path
 * @param {object} body
 * @param {string} done what happened on the phone all the same
 */
export async function callWithWebhook(path, body, done) {
  const answer = await call("POST", path, body);
  if (answer === null) return;
  const { webhook_status } = answer;
  if (webhook_status === null) toast(`${done}, but the webhook's address does not respond`);
  else if (webhook_status !== 200) toast(`${done}, but the webhook answered ${webhook_status}`);
}
