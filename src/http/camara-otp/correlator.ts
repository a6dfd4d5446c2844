import { Problem } from "../../platform/problem.ts";

/** CAMARA's own pattern for the header that relates a request to its answer. */
const CORRELATOR = /^[a-zA-Z0-9\-_:;./<>{}]{1,256}$/;

/** What `x-correlator` of an answer is: that of the request, or else the request's id. */
export function correlatorFor({ headers }: Request, requestId: string): string {
  const given = headers.get("x-correlator");
  return given !== null && CORRELATOR.test(given) ? given : requestId;
}

/** Throws a problem for a request whose correlator has another form. */
export function requireCorrelator({ headers }: Request): void {
  const given = headers.get("x-correlator") ?? "";
  if (given === "" || CORRELATOR.test(given)) return;
  throw new Problem("invalid_request", {
    detail: "x-correlator takes at most 256 letters, digits and characters of -_:;./<>{}.",
  });
}
