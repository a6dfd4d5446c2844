import type { Random } from "../../world/random.ts";
import type { FuzzRequest, Header } from "../request.ts";
import { headerText } from "./fill.ts";

/** Methods of HTTP and WebDAV, known to the Worker or not. */
const METHODS = [
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
  "PROPFIND",
  "PURGE",
  "SEARCH",
  "LOCK",
] as const;

/** Without raw bytes beyond ASCII, which workerd rejects before the Worker receives a request. */
const PATH_PIECES = [
  "%00",
  "%2F",
  "%2f..%2f",
  "%",
  "%zz",
  "%E0%A4%A",
  "%ff",
  "%C0%80",
  "/",
  "//",
  "/../",
  "/./",
  ";a=b",
  "\\",
  "%E9",
  "..",
  "?",
  "#",
  "%25",
  "%3F",
  "%0d%0a",
  "{id}",
  ":id",
  "*",
  "constructor",
  "__proto__",
  "a".repeat(4000),
] as const;

const QUERY_PIECES = [
  "limit=",
  "limit=-1",
  "limit=1e3",
  "limit=NaN",
  "after=",
  "after=%ff",
  "after=%00",
  "to=%2B",
  "to=+62",
  "a=b",
  "__proto__=1",
  "limit=1&limit=2",
  "%",
  "%zz=%zz",
  "=",
  "&&&",
  "x[]=1",
  "to[a]=1",
  "status=null",
  "from=0",
  "from=9999999999-01-01",
  "from=-271821-04-20T00:00:00Z",
  "by=hour",
  "locale=%F0%9F%99%82",
  `q=${"a".repeat(8000)}`,
] as const;

const NAMES = [
  "authorization",
  "idempotency-key",
  "x-request-id",
  "content-type",
  "content-encoding",
  "accept",
  "x-hub-signature-256",
  "webhook-id",
  "webhook-timestamp",
  "webhook-signature",
  "cookie",
  "if-none-match",
  "range",
  "x-forwarded-for",
  "cf-connecting-ip",
  "x-http-method-override",
  "x-forwarded-proto",
  "te",
] as const;

const VALUES = [
  "",
  "gzip",
  "application/xml",
  "text/plain; charset=utf-16",
  '"quoted"',
  '""',
  "a b",
  "bytes=5-1",
  "*",
  "0",
  "-1",
  "99999999999999999999",
  "Bearer ",
  "bearer x",
  "chunked",
  "\t",
  ",",
  "../..",
  "\\",
  '"',
  "a".repeat(256),
] as const;

/** Changes the method, target or headers of a request. */
export function mutateHead(request: FuzzRequest, random: Random): FuzzRequest {
  const dice = random.next();
  if (dice < 0.3) return { ...request, headers: mutateHeaders(request.headers, random) };
  if (dice < 0.5) return { ...request, target: withQuery(request.target, random) };
  if (dice < 0.7) return { ...request, target: withPath(request.target, random), operation: null };
  if (dice < 0.8) return { ...request, method: random.pick(METHODS), operation: null };
  if (dice < 0.9) return withoutBody(request, random);
  return { ...request, headers: [...request.headers, ["transfer-encoding", "chunked"]] };
}

function mutateHeaders(headers: readonly Header[], random: Random): readonly Header[] {
  const at = random.below(headers.length);
  const dice = random.next();
  if (dice < 0.15) return headers.toSpliced(at, 1);
  if (dice < 0.3) return headers.flatMap((header) => [header, header]);
  if (dice < 0.4) return [...headers, ["x-long", headerText(6000, random)]];
  const value = random.chance(0.5) ? random.pick(VALUES) : headerText(1 + random.below(300), random);
  const name = random.pick(NAMES);
  return [...headers.filter(([known]) => known !== name || random.chance(0.2)), [name, value]];
}

function withQuery(target: string, random: Random): string {
  return `${target}${target.includes("?") ? "&" : "?"}${random.pick(QUERY_PIECES)}`;
}

function withPath(target: string, random: Random): string {
  const [path = "", ...query] = target.split("?");
  const at = 1 + random.below(path.length);
  const mutated = random.chance(0.15)
    ? path.toUpperCase()
    : path.slice(0, at) + random.pick(PATH_PIECES) + (random.chance(0.5) ? path.slice(at) : "");
  // Clients never send a fragment.
  return [mutated.replaceAll("#", "%23"), ...query].join("?");
}

/** Adds a body where none belongs, or removes it. */
function withoutBody(request: FuzzRequest, random: Random): FuzzRequest {
  if (request.body !== null) return { ...request, body: random.chance(0.5) ? null : Buffer.alloc(0) };
  return { ...request, body: Buffer.from(random.pick(["{}", "null", '"', "[]", "\0"])) };
}
