import { InputError } from '../../domain/index.ts';
import { HASH_BYTES } from './merkle.ts';
import { base64, type Note, parseNote } from './note.ts';

/** What a log says of its tree (C2SP tlog-checkpoint). */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Buffer;
}

/** The text that is signed. */
export function checkpointText({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${root.toString('base64')}\n`;
}

/** @throws {InputError} LEDGER_NOTE_BAD, LEDGER_CHECKPOINT_BAD */
export function parseCheckpoint(text: string): { readonly checkpoint: Checkpoint; readonly note: Note } {
  const note = parseNote(text);
  const [origin = '', size = '', hash = '', ...more] = note.text.slice(0, -1).split('\n');
  const root = base64(hash);
  const isGood = origin !== '' && /^(0|[1-9]\d{0,15})$/.test(size) && root?.length === HASH_BYTES && !more.includes('');
  if (!isGood || root === null || !Number.isSafeInteger(Number(size))) {
    throw new InputError(
      'LEDGER_CHECKPOINT_BAD',
      'this is no checkpoint: expected are the lines origin, size and root hash in base64 (C2SP tlog-checkpoint)',
    );
  }
  return { checkpoint: { origin, size: Number(size), root }, note };
}
