/**
 * What only the description of the API says: texts, examples, the schemas of answers. It is written where it belongs, and
 * left out of the Worker. Wrangler replaces `navigator.userAgent` when it bundles, so that this function becomes empty;
 * esbuild drops the calls of an empty function together with what they are given.
 *
 * @returns Undefined in the Worker, and in tests in the Workers runtime, although the type does not say so: only the build
 *   may read it.
 */
export function documented<const Content>(describe: () => Content): Content;
export function documented<Content>(describe: () => Content): Content | undefined {
  if (navigator.userAgent !== "Cloudflare-Workers") return describe();
}

/** The same for the metadata of a schema that checks input: `.meta(described({ description: … }))`. */
export function described<Metadata>(metadata: Metadata): Metadata;
export function described<Metadata>(metadata: Metadata): Metadata | undefined {
  if (navigator.userAgent !== "Cloudflare-Workers") return metadata;
}
