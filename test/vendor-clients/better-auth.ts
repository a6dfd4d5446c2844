import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, symlink } from "node:fs/promises";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { installPackage, type PackageProject } from "../world/package.ts";

/** better-auth's own declarations do not pass without `skipLibCheck`. */
export const COMPILER_OPTIONS = {
  lib: ["ES2023", "DOM", "DOM.Iterable"],
  types: ["node"],
  skipLibCheck: true,
};

/** better-auth in a process of its own. */
export interface AuthServer {
  readonly url: string;
  output(): string;
  stop(): void;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests assert on any body
  readonly body: any;
}

/** A project with the packed package and better-auth, whose server is compiled in strict mode. */
export async function installBetterAuth(): Promise<PackageProject> {
  const project = await installPackage();
  const { dirname } = import.meta;
  await cp(join(dirname, "better-auth-app"), project.folder, { recursive: true });
  await symlink(join(dirname, "node_modules/better-auth"), join(project.folder, "node_modules/better-auth"));
  await project.compile(["auth.ts"], COMPILER_OPTIONS);
  return project;
}

/** @param options Of `sandiPhoneNumber` and `sandiTwoFactor`. */
export async function startAuth({ folder }: PackageProject, options: object): Promise<AuthServer> {
  const child: ChildProcess = spawn(process.execPath, ["server.js", JSON.stringify(options)], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, BETTER_AUTH_TELEMETRY: "0" },
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => (text += chunk));
  while (!/^\d+$/m.test(text) && child.stdout !== null) await once(child.stdout, "data");
  return {
    url: `http://127.0.0.1:${/^\d+$/m.exec(text)?.[0]}/api/auth`,
    output: () => text,
    stop: () => void child.kill(),
  };
}

export async function post(
  { url }: AuthServer,
  path: string,
  body: object,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(`${url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: "http://localhost:3000", ...headers },
    body: JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

export async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
