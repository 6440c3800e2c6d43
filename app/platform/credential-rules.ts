import { readFileSync } from 'node:fs';
import { InputError } from '../../domain/index.ts';
import { type CredentialRules, readTrust } from '../../partners/index.ts';
import type { Config } from '../config/index.ts';

/**
 * Whose ATP credentials are believed, as the configuration says.
 * @throws {InputError} VERIFICATION_TRUST_BAD
 */
export function credentialRulesOf({ verification: { credentials, trust: file } }: Config): CredentialRules {
  const isRequired = credentials === 'required';
  if (file !== null) return { isRequired, trust: readTrust(textOf(file), file) };
  if (!isRequired) return { isRequired, trust: null };
  throw new InputError(
    'VERIFICATION_TRUST_BAD',
    'verification.credentials: required, but verification.trust names no file that says whose are believed',
  );
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError('VERIFICATION_TRUST_BAD', `verification.trust: ${file} cannot be read: ${reason}`, { file });
  }
}
