import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';

/**
 * The ids that a client's certificate names: the common name of its subject, and the DNS names and URIs of its
 * subjectAltName (RFC 5280, 4.1.2.6 and 4.2.1.6), each as it stands: nothing is a pattern here.
 *
 * @returns null where there is no certificate, or none of an authority that is trusted
 */
export function certifiedNames(connection: Duplex): readonly string[] | null {
  if (!(connection instanceof TLSSocket) || !connection.authorized) return null;
  const { subject, subjectaltname = '' } = connection.getPeerCertificate();
  if (subject === undefined) return null;
  const common: unknown = subject.CN;
  return [...(typeof common === 'string' ? [common] : []), ...alternativeNames(subjectaltname)];
}

/**
 * `DNS:gw-1, URI:"http://x, DNS:y"`: values that could pretend to be several are quoted like JSON (CVE-2021-44532), of
 * whatever type they are; so each is read whole, from the first on.
 */
function alternativeNames(text: string): string[] {
  const names: string[] = [];
  for (const [, type = '', value = ''] of text.matchAll(/(?:^|, )([^:",]+):("(?:[^"\\]|\\.)*"|[^,]*)/gy)) {
    if (type === 'DNS' || type === 'URI') names.push(value.startsWith('"') ? String(JSON.parse(value)) : value);
  }
  return names;
}
