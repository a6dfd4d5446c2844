/**
 * IPv4 blocks that no endpoint can be in: IANA's special-purpose registry (RFC 6890 and its updates),
 * multicast, class E, and Azure's metadata service, which has an address like any other.
 */
const REFUSED_BLOCKS = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.31.196.0/24",
  "192.52.193.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "192.175.48.0/24",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
  "168.63.129.16/32",
].map((block) => {
  const [address = "", length = "32"] = block.split("/");
  return { prefix: toInteger(address) >>> (32 - Number(length)), shift: 32 - Number(length) };
});

/** True for an address of the public internet, in the canonical spelling that a parsed URL has. */
export function isPublicIPv4(address: string): boolean {
  const value = toInteger(address);
  return REFUSED_BLOCKS.every(({ prefix, shift }) => value >>> shift !== prefix);
}

/**
 * True for global unicast, 2000::/3, except what in it stands for something else: protocol assignments with
 * Teredo and ORCHID (2001::/23), documentation (2001:db8::/32, 3fff::/20) and 6to4 (2002::/16). So IPv4 in
 * any of its IPv6 disguises is out, and so are loopback, link-local, unique-local and multicast.
 */
export function isPublicIPv6(address: string): boolean {
  const [first = 0, second = 0] = groupsOf(address);
  if (first >>> 13 !== 0b001) return false;
  if (first === 0x2001) return second >= 0x0200 && second !== 0x0db8;
  return first !== 0x2002 && (first !== 0x3fff || second > 0x0fff);
}

function toInteger(address: string): number {
  return address.split(".").reduce((value, part) => ((value << 8) | Number(part)) >>> 0, 0);
}

/** The leading groups of a canonical address, up to its `::`. What that hides is zero. */
function groupsOf(address: string): number[] {
  const [leading = ""] = address.split("::");
  return leading.split(":").map((group) => Number.parseInt(group || "0", 16));
}
