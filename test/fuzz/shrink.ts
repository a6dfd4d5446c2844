import type { FuzzRequest } from "./request.ts";

/** The most requests for shrinking a finding. */
const MAX_TRIES = 80;

/**
 * Makes a request smaller while the fault persists: removes headers, then parts of the query, then halves,
 * quarters, eighths and sixteenths of the body.
 *
 * @param stillFails Sends a candidate.
 * @returns null when the fault did not occur again
 */
export async function shrink(
  request: FuzzRequest,
  stillFails: (candidate: FuzzRequest) => Promise<boolean>,
): Promise<FuzzRequest | null> {
  let tries = 0;
  const holds = async (candidate: FuzzRequest) => {
    tries += 1;
    return tries <= MAX_TRIES && (await stillFails(candidate));
  };
  if (!(await holds(request))) return null;
  let smallest = request;
  const tryEach = async (candidates: (of: FuzzRequest) => Iterable<FuzzRequest>) => {
    for (let found = true; found; ) {
      found = false;
      for (const candidate of candidates(smallest)) {
        if (!(await holds(candidate))) continue;
        [smallest, found] = [candidate, true];
        break;
      }
    }
  };
  await tryEach(withFewerHeaders);
  await tryEach(withShorterQuery);
  await tryEach(withLessBody);
  return smallest;
}

function* withFewerHeaders(request: FuzzRequest): Generator<FuzzRequest> {
  for (const at of request.headers.keys()) yield { ...request, headers: request.headers.toSpliced(at, 1) };
}

function* withShorterQuery(request: FuzzRequest): Generator<FuzzRequest> {
  const [path = "", query = ""] = request.target.split(/\?(.*)/s);
  const parts = query.split("&");
  if (query === "") return;
  for (const at of parts.keys()) {
    const rest = parts.toSpliced(at, 1).join("&");
    yield { ...request, target: rest === "" ? path : `${path}?${rest}` };
  }
}

function* withLessBody(request: FuzzRequest): Generator<FuzzRequest> {
  const { body } = request;
  if (body === null) return;
  yield { ...request, body: null };
  for (
    let size = Math.floor(body.length / 2);
    size >= Math.max(1, body.length / 16);
    size = Math.floor(size / 2)
  ) {
    for (let from = 0; from < body.length; from += size) {
      yield { ...request, body: Buffer.concat([body.subarray(0, from), body.subarray(from + size)]) };
    }
  }
}
