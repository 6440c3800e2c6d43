/**
 * ERP and WMS beside us: their mapping files, their files and what was made of them, what they are told. What a delivery
 * becomes inside is not known here.
 */
export { DOCUMENT_KINDS, type DocumentKind, type DocumentLine, readDocument, type SystemDocument } from './document.ts';
export { DocumentReader, interchangeKey, type ReadDocuments, readSystemFile } from './document-reader.ts';
export { type InMapping, type OutMapping, parseSystemFile, type SystemFile, type SystemQuota } from './system-file.ts';
export {
  type ArrivedFile,
  BECOMES,
  type Becomes,
  becomes,
  type DecidedDocument,
  type FileOfSystem,
  type KeptDocument,
  type Settled,
  type StatedStock,
  SYSTEM_FILE_FATES,
  type SystemFileFate,
  SystemFiles,
  type SystemFilesOptions,
} from './system-files.ts';
export { type DueMessage, type NewSystemMessage, type SystemMessage, SystemMessages } from './system-messages.ts';
export { SystemQuotas, type SystemQuotasOptions } from './system-quotas.ts';
export { SYSTEM_ID, type System, type SystemChange, Systems, type SystemsOptions } from './systems.ts';
