/**
 * `npm run templates:setup -- --languages en_US,id,pt_BR` creates the starter set through the API of the
 * deployment at SANDI_URL, with the API key in SANDI_KEY; by default through the local one of `npm run dev`.
 */
import { parseArgs } from "node:util";
import { setUpThroughApi } from "./command.ts";

const LOCAL = { url: "http://127.0.0.1:8787", key: "local-development-only-admin-key" };

const { SANDI_URL: url = LOCAL.url, SANDI_KEY: given } = process.env;
const key = given ?? (url === LOCAL.url ? LOCAL.key : undefined);
const { languages } = parseArgs({ options: { languages: { type: "string" } } }).values;

if (languages === undefined || key === undefined) {
  console.error(
    languages === undefined
      ? "Give the languages: npm run templates:setup -- --languages en_US,id,pt_BR"
      : "Set SANDI_KEY to an API key of that deployment with the scope templates.",
  );
  process.exitCode = 2;
} else {
  const allCreated = await setUpThroughApi({
    origin: new URL(url).origin,
    key,
    languages: languages.split(",").map((language) => language.trim()),
    fetch,
    print: console.log,
  });
  process.exitCode = allCreated ? 0 : 1;
}
