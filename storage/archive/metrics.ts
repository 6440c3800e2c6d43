/** What the archive counts. */
export const ARCHIVE_METRICS = {
  messages: { name: 'isotherm_archive_messages', help: 'Messages archived as they were received' },
  bytes: { name: 'isotherm_archive_bytes', help: 'Bytes archived, before compression' },
  packed: { name: 'isotherm_archive_packed_bytes', help: 'Bytes archived, after compression' },
} as const;
