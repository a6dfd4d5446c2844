import { APP } from "./account/settings.ts";
import { type Rig, SETTINGS } from "./rig.ts";

/** Paths of the number and of the account of a rig, and the token of its app. */
export const NUMBER = `/v26.0/${SETTINGS.phoneNumberId}`;
export const ACCOUNT = `/v26.0/${SETTINGS.businessAccountId}`;
export const APP_TOKEN = `${APP.id}|${SETTINGS.appSecret}`;

/** Changes what is set at Meta. @returns the whole account after it */
export async function setAccount(rig: Rig, part: object) {
  const response = await rig.control("PUT", "/account", part);
  if (response.status !== 200) throw new Error(await response.text());
  return response.json();
}

/** The status of an answer, and its body or the error in it. */
export async function read(rig: Rig, path: string, token = SETTINGS.accessToken) {
  const headers = { Authorization: `Bearer ${token}` };
  const response = await rig.simulator.app.request(path, { headers });
  const body = await response.json();
  return { status: response.status, body: body.error ?? body };
}
