/**
 * The original record: accepted messages as they were received, in compressed segments hashed to a chain. In come
 * records of the log's `originals` family; out come messages by what they speak of. It must never know what is in them.
 */
export { ARCHIVE_CONSUMER, Archive, type FoundOriginal } from './archive.ts';
export { ARCHIVE_PACE, Archiver } from './archiver.ts';
export { originalsRecord } from './record.ts';
export type { ArchivedOriginal } from './segment.ts';
export { type ArchiveCheck, type ArchiveFault, type ArchiveHead, verifyArchive } from './verify.ts';
