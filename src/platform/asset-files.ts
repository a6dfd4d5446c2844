import type { MaybePromise } from "./async.ts";

/** JSON files among the static assets, as the build writes them. Each is read once an isolate. */
export class AssetFiles<File> {
  readonly #assets: Pick<Fetcher, "fetch">;
  readonly #files = new Map<string, File>();

  constructor(assets: Pick<Fetcher, "fetch">) {
    this.#assets = assets;
  }

  /** Rejects where the file cannot be read; the next call tries again. */
  get(path: `/${string}`): MaybePromise<File> {
    return this.#files.get(path) ?? this.#read(path);
  }

  async #read(path: string): Promise<File> {
    const response = await this.#assets.fetch(`https://assets.invalid${path}`);
    if (!response.ok) throw new Error(`${path} is not among the assets`);
    const file = await response.json<File>();
    this.#files.set(path, file);
    return file;
  }
}
