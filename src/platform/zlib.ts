import type * as zlib from "node:zlib";

/** The module of deflate, loaded at its first use: a static import would cost the start of each isolate. */
export function loadZlib(): typeof zlib {
  return process.getBuiltinModule("node:zlib");
}
