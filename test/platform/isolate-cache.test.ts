import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { IsolateCache, type IsolateCacheOptions } from "../../src/platform/isolate-cache.ts";

const FRESH_MS = 60_000;
const logLines: string[] = [];

beforeEach(() => {
  vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
  logLines.length = 0;
  vi.spyOn(console, "error").mockImplementation((line) => void logLines.push(line));
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const pass = (ms: number) => vi.setSystemTime(Date.now() + ms);

/** A cache whose reads return 1, 2, 3, …, and the background work that it was given. */
function counting(options: Partial<IsolateCacheOptions<number>> = {}) {
  const read = vi.fn(async () => read.mock.calls.length);
  const cache = new IsolateCache<number>(() => read(), { freshMs: FRESH_MS, ...options });
  const work: Promise<unknown>[] = [];
  const background = (more: Promise<unknown>) => void work.push(more);
  return { read, cache, work, background };
}

describe("an isolate cache", () => {
  it("returns a fresh value without a promise", async () => {
    const { cache, read } = counting();
    await cache.get();
    pass(FRESH_MS - 1);
    expect([cache.get(), read.mock.calls.length]).toEqual([1, 1]);
  });

  it("returns a stale value at once and reads again in the background, once", async () => {
    const { cache, work, background } = counting();
    await cache.get();
    pass(FRESH_MS);
    expect([cache.get(background), cache.get(background), work.length]).toEqual([1, 1, 1]);
    await Promise.all(work);
    expect(cache.get(background)).toBe(2);
  });

  it("makes the caller wait without a background, after staleMs and after expire", async () => {
    const { cache, background } = counting({ staleMs: 2 * FRESH_MS });
    await cache.get();
    pass(FRESH_MS);
    expect(await cache.get()).toBe(2);
    pass(2 * FRESH_MS);
    expect(await cache.get(background)).toBe(3);
    cache.expire();
    expect(await cache.get(background)).toBe(4);
  });

  it("reads once for concurrent callers, none of which shares a promise", async () => {
    const { cache, read } = counting();
    const answers = [cache.get(), cache.get(), cache.get()];
    expect(new Set(answers).size).toBe(3);
    expect([await Promise.all(answers), read.mock.calls.length]).toEqual([[1, 1, 1], 1]);
  });

  it("reads for a second caller when the first one's read never ends", async () => {
    const { cache, read } = counting();
    read.mockImplementationOnce(() => new Promise(() => {}));
    void cache.get();
    expect(await cache.get()).toBe(2);
  });

  it("discards a read that began before set or expire", async () => {
    const { cache } = counting();
    const reading = cache.get();
    cache.set(7);
    await reading;
    expect(cache.get()).toBe(7);
  });

  it("passes an exception on without a fallback, and reads again for the next caller", async () => {
    const { cache, read } = counting();
    read.mockRejectedValueOnce(new Error("down"));
    await expect(cache.get()).rejects.toThrow("down");
    expect(await cache.get()).toBe(2);
  });

  it("returns the fallback or the last value after a failed read, and reads again after retryMs", async () => {
    const { cache, read } = counting({ retryMs: 5_000, fallback: { value: 0, message: "Read failed" } });
    read.mockRejectedValueOnce(new Error("down"));
    expect([await cache.get(), cache.get()]).toEqual([0, 0]);
    pass(5_000);
    expect(await cache.get()).toBe(2);
    pass(FRESH_MS);
    read.mockRejectedValueOnce(new Error("down"));
    expect([await cache.get(), cache.get(), read.mock.calls.length]).toEqual([2, 2, 3]);
    expect(logLines).toHaveLength(2);
  });

  it("returns the fallback after timeoutMs, and keeps a value that arrives later", async () => {
    const { cache, read } = counting({ timeoutMs: 20, fallback: { value: 0, message: "Read failed" } });
    const { promise, resolve } = Promise.withResolvers<number>();
    read.mockReturnValueOnce(promise);
    expect(await cache.get()).toBe(0);
    resolve(9);
    await promise;
    await Promise.resolve();
    expect(await cache.get()).toBe(9);
  });
});
