import type { E164 } from "./e164.ts";

/** Where Cloudflare can be asked to make an object ("Durable Objects, Data location, Provide a location hint"). */
type Region = NonNullable<DurableObjectNamespaceGetDurableObjectOptions["locationHint"]>;

/** By the beginning of the calling code; a longer beginning wins. ITU-T E.164 gives each zone a leading digit. */
const REGIONS: Readonly<Record<string, Region>> = {
  "1": "enam",
  "2": "afr",
  "3": "weur",
  "36": "eeur",
  "37": "eeur",
  "377": "weur",
  "38": "eeur",
  "4": "weur",
  "40": "eeur",
  "42": "eeur",
  "48": "eeur",
  "5": "sam",
  "6": "apac-se",
  "61": "oc",
  "64": "oc",
  "67": "oc",
  "68": "oc",
  "69": "oc",
  "7": "eeur",
  "8": "apac-ne",
  "84": "apac-se",
  "855": "apac-se",
  "856": "apac-se",
  "880": "apac",
  "9": "apac",
  "90": "me",
  "95": "apac-se",
  "96": "me",
  "960": "apac",
  "97": "me",
  "975": "apac",
  "976": "apac-ne",
  "977": "apac",
  "98": "me",
};
const LONGEST = 3;

/** The region of a number's country: near its owner, wherever the call comes from that makes their object. */
export function regionOf(number: E164): Region {
  for (let length = LONGEST; length > 1; length -= 1) {
    const region = REGIONS[number.slice(1, 1 + length)];
    if (region !== undefined) return region;
  }
  return REGIONS[number.charAt(1)] ?? "enam";
}
