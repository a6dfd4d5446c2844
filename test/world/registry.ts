import { execFile } from "node:child_process";
import { mkdir, readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A registry that has a few packages in their installed version, so that npm installs without a network. */
export interface Registry {
  readonly url: string;
  close(): void;
}

/** @param folders Of installed packages. npm cannot install a package that depends on another one. */
export async function startRegistry(folders: readonly string[], directory: string): Promise<Registry> {
  await mkdir(directory, { recursive: true });
  const tarballs = new Map<string, Buffer>();
  const manifests = new Map<string, object>();
  for (const folder of folders) {
    const manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    const args = ["pack", folder, "--json", "--ignore-scripts", "--pack-destination", directory];
    const { stdout } = await run("npm", args, { maxBuffer: 16 * 1024 * 1024 });
    const [{ filename }] = JSON.parse(stdout);
    tarballs.set(`/-/${manifest.name}.tgz`, await readFile(join(directory, filename)));
    manifests.set(manifest.name, manifest);
  }
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? "");
    const tarball = tarballs.get(path);
    if (tarball !== undefined) return void response.end(tarball);
    const manifest = manifests.get(path.slice(1));
    if (manifest === undefined) return void response.writeHead(404).end("{}");
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(packument(manifest, urlOf(server))));
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return { url: urlOf(server), close: () => void server.close() };
}

function packument(manifest: object, url: string): object {
  const { name, version } = manifest as { name: string; version: string };
  const dist = { tarball: `${url}/-/${name}.tgz` };
  return { name, "dist-tags": { latest: version }, versions: { [version]: { ...manifest, dist } } };
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
