import type { JWK } from 'jose';
import { z } from 'zod';
import { InputError } from '../../domain/index.ts';
import type { CredentialTrust } from './presentation.ts';
import { readStatusList } from './status-list.ts';

const jwk = z.looseObject({ kty: z.enum(['EC', 'OKP', 'RSA']) }).refine((key) => key.d === undefined, {
  message: 'is a private key; only public keys belong here',
});
const did = z.string().regex(/^did:[a-z0-9]+:\S+$/, 'is no DID');
const trustSchema = z.strictObject({
  issuers: z.array(did),
  keys: z.record(did, z.array(jwk)).default({}),
  statusLists: z.record(z.string(), z.string()).default({}),
});

/**
 * Reads the file of `verification.trust`: issuers that are believed, keys by DID, and status lists as they were fetched.
 * @throws {InputError} VERIFICATION_TRUST_BAD
 */
export function readTrust(text: string, file: string): CredentialTrust {
  try {
    const { issuers, keys, statusLists } = trustSchema.parse(JSON.parse(text));
    return {
      issuers: new Set(issuers),
      keys: new Map(Object.entries(keys).map(([name, list]) => [name, list as JWK[]])),
      statusLists: new Map(Object.entries(statusLists).map(([url, list]) => [url, readStatusList(list)])),
    };
  } catch (error) {
    const [issue] = error instanceof z.ZodError ? error.issues : [];
    const why =
      issue === undefined
        ? String(error instanceof Error ? error.message : error)
        : `${issue.path.join('.')}: ${issue.message}`;
    throw new InputError(
      'VERIFICATION_TRUST_BAD',
      `${file}: ${why.replace(/\s+/g, ' ')}; allowed: {"issuers":[DID],"keys":{DID:[JWK]},"statusLists":{URL:encodedList}}`,
      { file },
    );
  }
}
