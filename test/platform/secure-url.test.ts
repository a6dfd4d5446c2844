import { describe, expect, it } from "vitest";
import { isSecureUrl } from "../../src/platform/secure-url.ts";

describe("An address that a secret or a code is sent to", () => {
  it.each([
    "https://graph.facebook.com",
    "https://10.0.0.1:8443/send?tenant=1",
    "http://localhost:8788",
    "http://LOCALHOST/",
    "http://127.0.0.1/",
    "http://127.255.255.254:9/",
    "http://127.1/",
    "http://[::1]:3000/hooks",
  ])("may be %s", (url) => {
    expect(isSecureUrl(url)).toBe(true);
  });

  it.each([
    "http://graph.facebook.com",
    "http://10.0.0.1/",
    "http://192.168.1.10/",
    "http://localhost.example.com/",
    "http://127.0.0.1.example.com/",
    "http://localhost@example.com/",
    "http://[::ffff:127.0.0.1]/",
    "ftp://localhost/",
    "ws://127.0.0.1/",
    "graph.facebook.com",
    "",
  ])("may not be %s", (url) => {
    expect(isSecureUrl(url)).toBe(false);
  });
});
