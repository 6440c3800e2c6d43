import { ConflictError } from '../../domain/index.ts';
import { formatTime } from '../api/index.ts';

/** What is said of a file whose content was thrown away, past its retention. */
export function fileGone(
  id: number,
  { sha256, contentGoneAt }: { readonly sha256: string; readonly contentGoneAt: number | null },
): ConflictError {
  const when = contentGoneAt === null ? '' : ` at ${formatTime(contentGoneAt)}`;
  const message = `the content of file ${id} was thrown away${when}, past retention.files; its hash (${sha256}) and fate are kept`;
  return new ConflictError('FILE_GONE', message, { file: id, sha256 });
}
