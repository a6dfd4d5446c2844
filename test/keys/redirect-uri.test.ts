import { describe, expect, it } from "vitest";
import { faultOfRedirectUri, sectorOf } from "../../src/keys/redirect-uri.ts";

const ADDRESS = "https://shop.example.com/callback";

describe("A redirect URI", () => {
  it.each([
    ADDRESS,
    "https://shop.example.com",
    "https://shop.example.com/",
    "https://shop.example.com:8443/callback?tenant=a&x=%20",
    "https://shop.example.com?x=1",
    "https://xn--bcher-kva.example/callback",
    "https://192.0.2.7/callback",
    "https://[2001:db8::1]/callback",
    "http://localhost:3000/callback",
    "http://127.0.0.1:49152/callback",
    "http://127.0.0.1/callback",
    "http://[::1]:8080/callback",
    "com.example.app:/oauth2redirect",
    "com.example.app://callback",
    `${ADDRESS}?${"x".repeat(2000 - ADDRESS.length - 1)}`,
  ])("may be %s", (uri) => {
    expect(faultOfRedirectUri(uri)).toBeNull();
  });

  it.each([
    ["", "It is not an absolute URI in ASCII."],
    ["/callback", "It is not an absolute URI in ASCII."],
    ["//shop.example.com/callback", "It is not an absolute URI in ASCII."],
    ["shop.example.com/callback", "It is not an absolute URI in ASCII."],
    [`${ADDRESS}#`, "It has a fragment."],
    [`${ADDRESS}#top`, "It has a fragment."],
    ["https://*.example.com/callback", "It has a wildcard; register each address."],
    ["https://shop.example.com/*", "It has a wildcard; register each address."],
    ["http://shop.example.com/callback", "Plain http is for this machine only: use https."],
    ["http://localhost.example.com/callback", "Plain http is for this machine only: use https."],
    ["http://10.0.0.1/callback", "Plain http is for this machine only: use https."],
    ["https://user@shop.example.com/callback", "It has a user's name or password."],
    ["https://user:secret@shop.example.com/", "It has a user's name or password."],
    ["https://shop.example.com@evil.example/", "It has a user's name or password."],
    ["https://Shop.example.com/callback", "Write its origin as https://shop.example.com."],
    ["https://shop.example.com:443/callback", "Write its origin as https://shop.example.com."],
    ["HTTPS://shop.example.com/callback", "Write its origin as https://shop.example.com."],
    ["https:shop.example.com/callback", "Write its origin as https://shop.example.com."],
    ["https:///shop.example.com/callback", "Write its origin as https://shop.example.com."],
    ["https://shop%2eexample.com/callback", "Write its origin as https://shop.example.com."],
    ["http://127.1/callback", "Write its origin as http://127.0.0.1."],
    ["https://shop.example.com\\@evil.example", "It is not an absolute URI in ASCII."],
    ["https://shop.example.com/call back", "It is not an absolute URI in ASCII."],
    [" https://shop.example.com/callback", "It is not an absolute URI in ASCII."],
    ["https://shop.example.com/\r\nset-cookie:a=b", "It is not an absolute URI in ASCII."],
    ["https://shop.example.com/\t", "It is not an absolute URI in ASCII."],
    ["https://shop.example.com/ä", "It is not an absolute URI in ASCII."],
    ["https://bücher.example/callback", "It is not an absolute URI in ASCII."],
    ["https://shop.example.com/<b>", "It is not an absolute URI in ASCII."],
    ["https://", "It is not an absolute URI in ASCII."],
    ["javascript:alert(1)", "A private-use scheme is lower-case and has a dot, such as com.example.app."],
    ["data:text/html,x", "A private-use scheme is lower-case and has a dot, such as com.example.app."],
    ["myapp:/callback", "A private-use scheme is lower-case and has a dot, such as com.example.app."],
    [
      "Com.Example.App:/callback",
      "A private-use scheme is lower-case and has a dot, such as com.example.app.",
    ],
    ["file:///etc/passwd", "A private-use scheme is lower-case and has a dot, such as com.example.app."],
    [`${ADDRESS}?${"x".repeat(2000 - ADDRESS.length)}`, "It has more than 2000 characters."],
  ])("may not be %j", (uri, fault) => {
    expect(faultOfRedirectUri(uri)).toBe(fault);
  });

  it.each([
    [ADDRESS, "shop.example.com"],
    ["https://shop.example.com:8443/", "shop.example.com"],
    ["http://127.0.0.1:3000/", "127.0.0.1"],
    ["com.example.app:/callback", "com.example.app"],
  ])("%s is of the sector %s", (uri, sector) => {
    expect(sectorOf(uri)).toBe(sector);
  });
});
