/**
 * Everything out of the database at one moment and back into an empty one, as files that prove they are whole. It must
 * never know what is in a table.
 */
export { type BackupOptions, backUp } from './backup.ts';
export { lastBackup, recordBackup } from './last-backup.ts';
export type { BackupManifest } from './manifest.ts';
export { type RestoreOptions, restore, verifyBackup } from './restore.ts';
