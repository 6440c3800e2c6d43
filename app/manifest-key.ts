import { ManifestKey } from '../codecs/manifest/index.ts';
import type { InstallationKey } from '../storage/index.ts';

const SEED_BYTES = 32;

/**
 * The key that signs what gateways are told of their doors: made of the installation key, so that nothing more has to be
 * kept, and of a number, so that it can be changed alone.
 */
export function manifestKey(installation: InstallationKey, number: number): ManifestKey {
  return new ManifestKey(installation.derived(`door manifests ${number}`, SEED_BYTES));
}
