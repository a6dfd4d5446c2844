import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";
import { buildWorker } from "../../world/project.ts";

const DRIVER = fileURLToPath(new URL("driver/index.ts", import.meta.url));
const WORKERS = fileURLToPath(new URL("driver/workers.ts", import.meta.url));

/** Builds the Worker as a deploy does, and the driver around it: one module. */
export async function buildDriver(directory: string): Promise<string> {
  const main = await buildWorker(directory);
  const { outputFiles } = await build({
    entryPoints: [DRIVER],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2024",
    external: ["cloudflare:*", "node:*"],
    plugins: [around(main)],
  });
  return outputFiles[0]?.text ?? "";
}

/** The Worker's objects are the driver's; only the driver itself is one of the platform's. */
function around(main: string): Plugin {
  return {
    name: "around-the-worker",
    setup({ onResolve }) {
      onResolve({ filter: /^\.\/worker\.js$/ }, () => ({ path: main }));
      onResolve({ filter: /^cloudflare:workers$/ }, ({ importer }) =>
        importer === main ? { path: WORKERS } : null,
      );
    },
  };
}
