import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, it } from "vitest";
import { codeBlocks, readPages } from "../e2e/documents.ts";
import { useProvider } from "./relying-party.ts";

const provider = useProvider();

it("the lines of docs/sign-in.md with openid-client sign a user in", async () => {
  const page = readPages().find(({ path }) => path === "docs/sign-in.md") ?? { path: "", text: "" };
  const block = codeBlocks(page).find(({ code }) => code.includes('from "openid-client"'));
  const folder = await mkdtemp(join(tmpdir(), "sandi-documented-"));
  try {
    await symlink(join(import.meta.dirname, "node_modules"), join(folder, "node_modules"));
    await writeFile(join(folder, "sign-in.mjs"), block?.code ?? "");
    const { connect, begin, finish } = await import(pathToFileURL(join(folder, "sign-in.mjs")).href);
    const redirect_uris = ["http://localhost:3000/callback"];
    const { client_id, client_secret } = await provider.register({ redirect_uris });
    const sandi = await connect(provider.issuer, client_id, client_secret);
    const session = {};
    const number = provider.newNumber();
    const callback = await provider.signInAt(await begin(sandi, session), number);
    expect(await finish(sandi, session, callback)).toMatchObject({ phone_number: number });
  } finally {
    await rm(folder, { recursive: true });
  }
});
