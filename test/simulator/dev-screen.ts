/**
 * What `npm run dev` shows of the Worker's output: one line per request, log lines in words, and everything that
 * reports a problem. Wrangler's start-up screen is dropped by name, so that output of an unknown kind stays visible.
 */
import { stripVTControlCharacters, styleText } from "node:util";
import * as z from "zod";

/** The Worker's structured log lines, as `src/platform/log.ts` writes them. */
const logLine = z.looseObject({
  level: z.enum(["info", "warn", "error"]),
  message: z.string(),
});

const requestLine = z.object({
  message: z.literal("request"),
  requestId: z.string(),
  route: z.string(),
  status: z.int(),
  ms: z.number(),
  outcome: z.string(),
  to: z.string().optional(),
});

/** Lines of wrangler that tell a newcomer nothing. `[wrangler:info]` repeats each request. */
const NOISE = [
  /^⛅️ wrangler /u,
  /^─+$/,
  /^⎔ /,
  /^\[custom build\] /,
  /^Using (secrets|vars) defined in /,
  /^\[wrangler:info\] /,
  /^🪵 /u,
];

/** Blocks of wrangler's that end with an empty line; the second number says how many empty lines a block has inside. */
const NOISE_BLOCKS: readonly (readonly [RegExp, number])[] = [
  [/^Your Worker has access to the following bindings:/, 0],
  [/Scheduled Workers are not automatically triggered during local development/, 1],
];

const RELOADED = /^⎔ Local server updated and ready/;

/** The request id of what `npm run dev` itself asks the Worker for; such lines are not shown. */
export const START_UP_REQUEST_ID = "sandi-dev-ready";

type Style = Parameters<typeof styleText>[0];

export interface ScreenOptions {
  readonly colour: boolean;
}

/** Turns one output stream of wrangler, line by line, into what the terminal shows. */
export class DevScreen {
  readonly #colour: boolean;
  #open = false;
  #emptyLinesUntilEndOfNoise = -1;
  #previous: "ours" | "other" = "ours";
  #emptyLineIsDue = false;
  readonly #shownBeforeOpen = new Set<string>();

  constructor({ colour }: ScreenOptions) {
    this.#colour = colour;
  }

  /** The Worker is ready: from here on a repeated log line is news. */
  open(): void {
    this.#open = true;
  }

  /** The lines to print for one line of wrangler; none when it is noise. */
  show(raw: string): string[] {
    const plain = stripVTControlCharacters(raw).trim();
    if (this.#isNoise(plain)) return [];
    if (plain === "") {
      this.#emptyLineIsDue = this.#previous === "other";
      return [];
    }
    const log = parseLog(plain);
    if (log === null) return this.#passOn(raw);
    this.#previous = "ours";
    this.#emptyLineIsDue = false;
    return this.#showLog(log);
  }

  #isNoise(plain: string): boolean {
    if (this.#emptyLinesUntilEndOfNoise >= 0) {
      if (plain === "") this.#emptyLinesUntilEndOfNoise -= 1;
      return true;
    }
    const block = NOISE_BLOCKS.find(([first]) => first.test(plain));
    if (block !== undefined) {
      this.#emptyLinesUntilEndOfNoise = block[1];
      return true;
    }
    return NOISE.some((pattern) => pattern.test(plain)) && !(this.#open && RELOADED.test(plain));
  }

  #passOn(raw: string): string[] {
    const line = this.#colour ? raw : stripVTControlCharacters(raw);
    if (RELOADED.test(line)) return [this.#paint("dim", "Reloaded after a change of the source.")];
    const lines = this.#emptyLineIsDue ? ["", line] : [line];
    this.#emptyLineIsDue = false;
    this.#previous = "other";
    return lines;
  }

  #showLog(log: z.infer<typeof logLine>): string[] {
    const request = requestLine.safeParse(log);
    if (request.success) {
      return request.data.requestId === START_UP_REQUEST_ID ? [] : [this.#requestLine(request.data)];
    }
    const { level, message, requestId: _, ...fields } = log;
    const details = Object.entries(fields).map(([name, value]) => `  ${name}: ${value}`);
    const text = [message, ...details].join("\n");
    // Every poll of a Worker with a wrong configuration logs the same fault.
    if (!this.#open && this.#shownBeforeOpen.has(text)) return [];
    this.#shownBeforeOpen.add(text);
    const style: Style = level === "error" ? "red" : level === "warn" ? "yellow" : "dim";
    return [this.#paint(style, `${level}: ${message}`), ...details.flatMap((detail) => detail.split("\n"))];
  }

  #requestLine({ route, status, ms, outcome, to }: z.infer<typeof requestLine>): string {
    const style: Style = status >= 500 ? "red" : status >= 400 ? "yellow" : "green";
    const [method = "", path = ""] = route.split(" ");
    const columns = [
      route === "other" ? "(unknown route)".padEnd(41) : `${method.padEnd(6)} ${path.padEnd(34)}`,
      this.#paint(style, String(status)),
      `${ms} ms`.padStart(8),
      ` ${outcome}`,
    ];
    if (to !== undefined) columns.push(to);
    return columns.join(" ");
  }

  #paint(style: Style, text: string): string {
    return this.#colour ? styleText(style, text, { validateStream: false }) : text;
  }
}

/** Wrangler marks what the Worker writes with `console.error` and `console.warn`. */
const MARK = /^(?:✘ \[ERROR\]|▲ \[WARNING\]) (?=\{)/u;

function parseLog(line: string): z.infer<typeof logLine> | null {
  const json = line.replace(MARK, "");
  if (!json.startsWith("{")) return null;
  try {
    return logLine.safeParse(JSON.parse(json)).data ?? null;
  } catch {
    return null;
  }
}

export interface Addresses {
  readonly api: string;
  /** Null when `.dev.vars` points the Worker at the real WhatsApp. */
  readonly phone: string | null;
  readonly shop: string;
}

/** The command that starts a verification, each of its lines at most 80 columns wide. */
export function curlExample({ api }: Pick<Addresses, "api">, adminKey: string | undefined): string {
  return [
    `curl ${api}/v1/verifications`,
    `  -H "Authorization: Bearer ${adminKey}"`,
    `  --json '{"to": "+6281234567890", "locale": "id"}'`,
  ].join(" \\\n");
}

/** The first screen: what runs where, and what to type. */
export function welcome({ api, phone, shop }: Addresses, curl: string): string {
  const phoneLine =
    phone === null
      ? "  Phone  the real WhatsApp, as .dev.vars says"
      : `  Phone  ${phone}       open it in a browser: codes arrive here
  Shop   ${shop}  a sample app: sign in, confirm a payment`;
  return `
Sandi is running.

  API    ${api}
  Docs   ${api}/docs  every call, with a curl example
${phoneLine}

Start a verification, in another terminal:

${curl.replace(/^/gm, "  ")}

Each request is one line below: route, status, time, outcome.
Press Ctrl-C to stop.
`;
}
