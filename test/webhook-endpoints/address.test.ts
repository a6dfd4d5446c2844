import { describe, expect, it } from "vitest";
import { checkAddress } from "../../src/webhook-endpoints/address.ts";

describe("an address on the public internet", () => {
  it.each([
    "https://shop.example.com/hooks/sandi",
    "https://example.com",
    "https://example.com:443/",
    "https://example.com:8443/hooks?tenant=1&token=a%20b",
    "https://EXAMPLE.com./hooks",
    "https://bücher.example.com/",
    "https://8.8.8.8/",
    "https://172.32.0.1/",
    "https://100.128.0.1/",
    "https://[2606:4700::1111]/",
    "https://[2a00:1450:4001::1]/",
    "https://localhost.example.com/",
    "https://internal.example.com/",
    "https://10.example.com/",
  ])("is accepted for a webhook endpoint: %s", (url) => {
    expect(checkAddress(url, false)).toEqual({ kind: "good", url: new URL(url).href });
    expect(checkAddress(url, true).kind).toBe("good");
  });
});

const HOST = "The host must be on the public internet.";

describe("an address that is not on the public internet", () => {
  it.each([
    [
      "loopback",
      ["127.0.0.1", "127.1", "127.255.255.254", "2130706433", "0x7f000001", "0x7f.1", "017700000001"],
    ],
    [
      "loopback in unusual spellings",
      ["0177.0.0.1", "127.0.0.1.", "１２７.０.０.１", "%31%32%37.0.0.1", "127。0。0。1"],
    ],
    ["loopback by name", ["localhost", "LOCALHOST", "localhost.", "a.localhost", "localhost.localdomain"]],
    [
      "loopback in IPv6",
      ["[::1]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]"],
    ],
    ["unspecified", ["0", "0.0.0.0", "0.1.2.3", "[::]", "[::ffff:0:0]"]],
    [
      "private",
      ["10.0.0.1", "10.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "192.168.257", "0xc0a80101"],
    ],
    [
      "private in IPv6",
      ["[::ffff:10.0.0.1]", "[::ffff:c0a8:101]", "[64:ff9b::10.0.0.1]", "[64:ff9b:1::a00:1]"],
    ],
    ["unique-local", ["[fc00::1]", "[fd00:ec2::254]", "[fdff:ffff::]"]],
    ["link-local", ["169.254.0.1", "[fe80::1]", "[febf::1]", "[fec0::1]"]],
    ["metadata services", ["169.254.169.254", "2852039166", "0xa9fea9fe", "[::ffff:169.254.169.254]"]],
    [
      "metadata services of other clouds",
      ["100.100.100.200", "192.0.0.192", "168.63.129.16", "metadata.google.internal"],
    ],
    ["carrier-grade NAT", ["100.64.0.1", "100.127.255.255"]],
    [
      "multicast, class E and broadcast",
      ["224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "[ff02::1]"],
    ],
    [
      "documentation and benchmarks",
      ["192.0.2.1", "198.51.100.1", "203.0.113.1", "198.18.0.1", "198.19.255.255"],
    ],
    [
      "the same in IPv6",
      ["[2001:db8::1]", "[3fff::1]", "[3fff:fff::1]", "[2001:2::1]", "[2001:10::1]", "[100::1]"],
    ],
    ["tunnels", ["[2002:7f00:1::]", "[2002:a00:1::1]", "[2001::1]", "[2001:0:a00:1::1]", "192.88.99.1"]],
    ["translated IPv4", ["[::ffff:0:a00:1]", "[::ffff:0:808:808]", "[64:ff9b::808:808]"]],
    ["AS112 and AMT anycast", ["192.31.196.1", "192.175.48.1", "192.52.193.1", "[2620:4f:8000::1]"]],
    [
      "IPv6 protocol assignments",
      ["[2001:3::1]", "[2001:4:112::1]", "[2001:20::1]", "[2001:30::1]", "[2001:1ff::1]"],
    ],
    ["segment routing and discard", ["[5f00::1]", "[100::ffff:1]"]],
    ["IPv6 outside global unicast", ["[::1:2:3]", "[1000::1]", "[4000::1]", "[e000::1]"]],
    [
      "names of private networks",
      ["printer.local", "db.internal", "db.internal.", "wiki.corp", "nas.home.arpa", "x.lan", "x.test"],
    ],
    ["names of one label", ["intranet", "sandi", "metadata"]],
  ])("is refused for a webhook endpoint: %s", (_, hosts) => {
    for (const host of hosts) {
      expect(checkAddress(`https://${host}/`, false), host).toEqual({ kind: "refused", because: HOST });
      expect(checkAddress(`https://${host}:8443/latest/meta-data`, false), host).toMatchObject({
        because: HOST,
      });
    }
  });
});

describe("the URL of a webhook endpoint", () => {
  it.each([
    ["", "Give an absolute URL of at most 2048 characters."],
    ["example.com/hooks", "Give an absolute URL of at most 2048 characters."],
    ["/hooks", "Give an absolute URL of at most 2048 characters."],
    ["https://", "Give an absolute URL of at most 2048 characters."],
    ["https://999.1.1.1/", "Give an absolute URL of at most 2048 characters."],
    ["https://[fe80::1%25eth0]/", "Give an absolute URL of at most 2048 characters."],
    [`https://example.com/${"x".repeat(2048)}`, "Give an absolute URL of at most 2048 characters."],
    ["http://example.com/", "The URL must begin with https://."],
    ["ftp://example.com/", "The URL must begin with https://."],
    ["file:///etc/passwd", "The URL must begin with https://."],
    ["javascript:alert(1)", "The URL must begin with https://."],
    ["data:text/plain,x", "The URL must begin with https://."],
    ["https://user@example.com/", "The URL must not hold credentials."],
    ["https://user:secret@example.com/", "The URL must not hold credentials."],
    ["https://example.com@127.0.0.1/", "The URL must not hold credentials."],
    ["https://example.com/#top", "The URL must not have a fragment."],
    ["https://example.com/#", "The URL must not have a fragment."],
    ["https://example.com:22/", "The port must be 443, or 1024 and above."],
    ["https://example.com:80/", "The port must be 443, or 1024 and above."],
    ["https://example.com:0/", "The port must be 443, or 1024 and above."],
  ])("is refused with a reason that names the fault: %s", (url, because) => {
    expect(checkAddress(url, false)).toEqual({ kind: "refused", because });
    expect(checkAddress(url, true)).toEqual({ kind: "refused", because });
  });
});

describe("a webhook endpoint on loopback", () => {
  it.each(["http://localhost:3000/hooks", "http://127.0.0.1:9/", "http://[::1]:3000/", "https://localhost/"])(
    "is accepted in development only: %s",
    (url) => {
      expect(checkAddress(url, true)).toEqual({ kind: "good", url: new URL(url).href });
      expect(checkAddress(url, false).kind).toBe("refused");
    },
  );

  it.each(["http://192.168.1.1/", "https://10.0.0.1/", "http://[::ffff:127.0.0.1]/", "ftp://localhost/"])(
    "allows no other private address: %s",
    (url) => {
      expect(checkAddress(url, true).kind).toBe("refused");
    },
  );
});
