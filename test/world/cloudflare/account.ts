/** A Cloudflare account as the stand-in keeps it. */
export interface Account {
  readonly id: string;
  /** The workers.dev name; null for none. */
  subdomain: string | null;
  /** Paths of the API that the token may not use. */
  denied: RegExp | null;
  /** Calls that break off once, as when a deploy is interrupted. */
  breaks: RegExp | null;
  readonly namespaces: Named[];
  readonly databases: Named[];
  readonly queues: Queue[];
  worker: UploadedWorker | null;
  /** How often the Worker was uploaded. */
  uploads: number;
}

interface Named {
  readonly id: string;
  readonly name: string;
}

interface Queue extends Named {
  /** As it was made: `message_retention_period` in seconds. */
  readonly settings: unknown;
  readonly consumers: Consumer[];
}

interface Consumer {
  readonly consumer_id: string;
  readonly type: string;
  readonly script: string;
  readonly settings: unknown;
}

/** The Worker as it was uploaded last. Secrets of earlier uploads stay, as at Cloudflare. */
export interface UploadedWorker {
  readonly name: string;
  readonly modules: readonly { readonly path: string; readonly contents: string }[];
  readonly vars: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, string>>;
}

export function emptyAccount(): Account {
  return {
    id: "acc",
    subdomain: "acme",
    denied: null,
    breaks: null,
    namespaces: [],
    databases: [],
    queues: [],
    worker: null,
    uploads: 0,
  };
}

/** A binding as the metadata of an upload has it. */
interface Binding {
  readonly type: string;
  readonly name: string;
  readonly text?: string;
  readonly json?: unknown;
}

interface Metadata {
  readonly main_module: string;
  readonly bindings: readonly Binding[];
}

/** Reads the form of an upload. */
export async function readUpload(
  name: string,
  contentType: string,
  body: Buffer<ArrayBuffer>,
  before: UploadedWorker | null,
): Promise<UploadedWorker> {
  const form = await new Response(body, { headers: { "content-type": contentType } }).formData();
  const metadata = JSON.parse(await textOf(form.get("metadata"))) as Metadata;
  const main = await textOf(form.get(metadata.main_module));
  const plain = metadata.bindings.filter(({ type }) => type === "plain_text" || type === "json");
  const secret = metadata.bindings.filter(({ type }) => type === "secret_text");
  return {
    name,
    modules: [{ path: metadata.main_module, contents: main }],
    vars: Object.fromEntries(plain.map(({ name, text, json }) => [name, text ?? json])),
    secrets: { ...before?.secrets, ...Object.fromEntries(secret.map(({ name, text = "" }) => [name, text])) },
  };
}

async function textOf(part: File | string | null): Promise<string> {
  return part instanceof File ? part.text() : (part ?? "");
}
