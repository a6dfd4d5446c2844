/** An address with its query, a parameter a line. */
export function addressLines(url: string, parameters: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(parameters).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `${url}?${pairs.join("\n&")}`;
}
