import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";
import { ROOT } from "../../world/project.ts";
import type { Outcome, Scenario } from "./scenario.ts";

const DRIVER = fileURLToPath(new URL("driver.ts", import.meta.url));
const WORKERS = fileURLToPath(new URL("workers.ts", import.meta.url));

export interface Driver {
  simulate(scenario: Scenario, limit: number): Promise<Outcome>;
}

/**
 * Bundles the simulation with the source of the working tree or of another one into a module for Node.js.
 *
 * @param tree the root of another source tree; null for the working tree
 */
export async function bundleDriver(tree: string | null): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [DRIVER],
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "es2024",
    logLevel: "error",
    plugins: tree === null ? [withWorkers()] : [withWorkers(), ofTree(tree)],
  });
  return outputFiles[0]?.text ?? "";
}

function withWorkers(): Plugin {
  return {
    name: "with-workers",
    setup({ onResolve }) {
      onResolve({ filter: /^cloudflare:workers$/ }, () => ({ path: WORKERS }));
    },
  };
}

/** Takes the product's files from another tree. A version without the object of the pace has none to replace it. */
function ofTree(tree: string): Plugin {
  return {
    name: "of-tree",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /\/src\/.*\.ts$/ }, ({ path, resolveDir }) => {
        const file = join(tree, relative(ROOT, join(resolveDir, path)));

        return existsSync(file) ? { path: file } : { path: file, namespace: "missing" };
      });
      onLoad({ filter: /.*/, namespace: "missing" }, () => ({
        contents: "export const [SenderPace, SharedPace] = [null, null];",
      }));
    },
  };
}
