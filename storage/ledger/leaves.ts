import { randomUUID } from 'node:crypto';
import canonicalize from 'canonicalize';
import { DefectError, type Effects, storableText } from '../../domain/index.ts';
import { type KeptPersonal, outlined, sha256 } from '../audit/leaf.ts';
import { clientOf } from '../effects.ts';

/** Format of what a leaf states, and of an entry: the member `v`. */
const VERSION = 1;

/** Something that is to be proven later. */
export interface NewLeaf {
  /** What it is a leaf of: `decision`, `signature`, `finding`. */
  readonly kind: string;
  /** What it is about, as `kind:id`. */
  readonly subject: string;
  /** What it states: JSON. A `Personal` value in it stands beside it and can be erased. */
  readonly content: unknown;
}

/**
 * Puts leaves into the ledger, in the transaction of what they state; the sequencer gives them their places after it.
 * @returns their ids, `leaf_` and a random number: what nobody can guess of a content whose hash he sees
 */
export async function addLeaves(effects: Effects, leaves: readonly NewLeaf[]): Promise<readonly string[]> {
  if (leaves.length === 0) return [];
  const client = clientOf(effects);
  const rows = leaves.map((leaf) => {
    const id = `leaf_${randomUUID()}`;
    const personal: KeptPersonal[] = [];
    const { kind, subject, content } = leaf;
    const text = canonicalize(outlined({ v: VERSION, id, kind, subject, content: content ?? null }, personal));
    if (text === undefined) throw new DefectError('LEDGER_LEAF_BAD', `the leaf ${kind} of ${subject} is no JSON`);
    return { id, kind, subject: storableText(subject), text, sha256: sha256(text), personal };
  });
  await client.query(
    `INSERT INTO ledger_pending (kind, subject, cause, sha256, content)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::text[])`,
    [
      rows.map(({ kind }) => kind),
      rows.map(({ subject }) => subject),
      rows.map(({ id }) => id),
      rows.map((row) => row.sha256),
      rows.map(({ text }) => text),
    ],
  );
  const personal = rows.flatMap((row) => row.personal.map((one) => ({ id: row.id, ...one })));
  if (personal.length > 0) {
    await client.query(
      `INSERT INTO audit_personal (sha256, entry, salt, value)
       SELECT * FROM unnest($1::bytea[], $2::text[], $3::bytea[], $4::text[])`,
      [
        personal.map((one) => one.sha256),
        personal.map(({ id }) => id),
        personal.map(({ salt }) => salt),
        personal.map(({ value }) => value),
      ],
    );
  }
  return rows.map(({ id }) => id);
}

/** As {@link addLeaves}, one. */
export async function addLeaf(effects: Effects, leaf: NewLeaf): Promise<string> {
  const [id = ''] = await addLeaves(effects, [leaf]);
  return id;
}

/**
 * An entry of the log, as it is hashed into the tree and served: canonical JSON. It names the hash of what is stated and
 * nothing of it.
 */
export function entryOf(kind: string, hash: Buffer): string {
  return `{"kind":${JSON.stringify(kind)},"sha256":"${hash.toString('hex')}","v":${VERSION}}`;
}
