/**
 * The manifest of a gateway's doors as it travels and is kept: packed, and signed with the installation's key. In:
 * bytes. Out: the manifest, or why it is not taken. Knows nothing of versions that were there before, and of doors.
 */
export { isSignedWith, keyText, ManifestKey } from './key.ts';
export { type Opened, openManifest, sealConfirmation, sealManifest } from './seal.ts';
