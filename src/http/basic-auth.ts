/** The credentials of `Authorization: Basic`, RFC 7617. */
export interface BasicCredentials {
  readonly user: string;
  readonly password: string;
}

/** Reads `Authorization: Basic`; null where the header is missing, of another scheme or malformed. */
export function readBasic(authorization: string | null): BasicCredentials | null {
  const encoded = /^Basic +([A-Za-z0-9+/]+={0,2})$/i.exec(authorization ?? "")?.[1];
  if (encoded === undefined) return null;
  let text: string;
  try {
    text = atob(encoded);
  } catch {
    return null;
  }
  const at = text.indexOf(":");
  return at === -1 ? null : { user: text.slice(0, at), password: text.slice(at + 1) };
}

/** The header that authenticates with the password as the API key; null without Basic credentials. */
export function bearerOfBasic(authorization: string | null): string | null {
  const credentials = readBasic(authorization);
  return credentials === null ? null : `Bearer ${credentials.password}`;
}
