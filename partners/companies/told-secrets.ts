/** Shorter ones stand in any text. */
const SHORTEST = 6;

/**
 * What others said, without what we told them in secret: a server that sends our question back would put our key on the page
 * and into messages.
 * @param secrets as they are sent, `Authorization` with its scheme; null: there is none
 */
export function withoutSecrets(said: string, secrets: readonly (string | null)[]): string {
  let told = said;
  for (const form of secrets.flatMap(formsOf)) told = told.replaceAll(form, '…');
  return told;
}

/** As a whole, without its scheme, what Basic (RFC 7617) hides, and each as JSON and addresses write it; the longest first. */
function formsOf(secret: string | null): readonly string[] {
  if (secret === null) return [];
  const [scheme = '', bare = ''] = secret.split(' ', 2);
  const pair = scheme.toLowerCase() === 'basic' ? Buffer.from(bare, 'base64').toString('utf8') : '';
  const password = pair.slice(pair.indexOf(':') + 1);
  const plain = [secret, bare, pair, password].filter((form) => form.length >= SHORTEST);
  const written = plain.flatMap((form) => [form, JSON.stringify(form).slice(1, -1), encodeURIComponent(form)]);
  return [...new Set(written)].sort((a, b) => b.length - a.length);
}
