import { decodeReadings, encodeReadings, type NewRecord, readingsOfSlots, slotOf } from '../../../domain/index.ts';
import { digestOf, identityOf } from '../identity.ts';
import { RECORD_OVERHEAD_BYTES, type StreamFamily } from './frame.ts';
import { PLACES } from './positions.ts';

/** A record with where it stood among those that were handed in. */
export interface OutgoingRecord {
  readonly record: NewRecord;
  readonly index: number;
}

/** A message that is to be published. */
export interface Outgoing {
  readonly partition: number;
  /** Of so many. */
  readonly partitions: number;
  /** Under which a server recognises it. */
  readonly id: string;
  /** The id is that of its only record, whoever sends it; else it is this message's alone. */
  readonly isIdentity: boolean;
  readonly families: readonly { readonly family: StreamFamily; readonly records: readonly OutgoingRecord[] }[];
}

interface Draft {
  readonly partition: number;
  readonly readings: OutgoingRecord[];
  readonly originals: OutgoingRecord[];
  bytes: number;
}

/**
 * Parts a group of records into as few messages as there can be: records of no identity share one, each with a sequence of
 * its sender has its own, under an id that is the same whoever sends it again. Originals travel with the readings before
 * them, so that either both are there or neither; where they do not fit, they follow.
 *
 * @param limits.maxBytes of a message. @param limits.newId for a message of its own
 */
export function outgoingOf(
  records: readonly OutgoingRecord[],
  limits: { readonly partitions: number; readonly maxBytes: number; readonly newId: () => string },
): Outgoing[] {
  const { partitions, maxBytes, newId } = limits;
  const done: Outgoing[] = [];
  const drafts = new Map<number, Draft>();
  let latest = 0;
  const close = (partition: number) => {
    const draft = drafts.get(partition);
    drafts.delete(partition);
    if (draft === undefined) return;
    done.push({ partition, partitions, id: newId(), isIdentity: false, families: familiesOf(draft) });
  };
  for (const { record, index } of records) {
    for (const [partition, part] of partsOf(record, partitions, latest)) {
      latest = partition;
      const bytes = weightOf(part);
      if (part.sequence !== null) {
        close(partition);
        const draft = draftOf(partition);
        draft[part.family as StreamFamily].push({ record: part, index });
        done.push({ partition, partitions, id: idOf(part), isIdentity: true, families: familiesOf(draft) });
        continue;
      }
      let draft = drafts.get(partition);
      if (draft !== undefined && (draft.bytes + bytes > maxBytes || isFull(draft))) close(partition);
      draft = drafts.get(partition) ?? draftOf(partition);
      drafts.set(partition, draft);
      draft[part.family as StreamFamily].push({ record: part, index });
      draft.bytes += bytes;
    }
  }
  for (const partition of [...drafts.keys()]) close(partition);
  return done;
}

/** What a record takes of a message, at most. */
export function weightOf({ payload, source }: NewRecord): number {
  return payload.length + RECORD_OVERHEAD_BYTES + 3 * source.length;
}

/** The record itself, or its readings by the partition of their device's slot. */
function partsOf(record: NewRecord, partitions: number, latest: number): readonly (readonly [number, NewRecord])[] {
  if (partitions === 1) return [[0, record]];
  if (record.family === 'originals') return [[latest, record]];
  if (record.kind !== 'readings') return [[slotOf(record.source) % partitions, record]];
  const columns = decodeReadings(record.payload);
  const wanted = [...new Set(columns.devices.map((device) => slotOf(device) % partitions))].sort((a, b) => a - b);
  if (wanted.length <= 1) return [[wanted[0] ?? 0, record]];
  return wanted.map((partition) => {
    const part = readingsOfSlots(columns, (slot) => slot % partitions === partition);
    return [partition, { ...record, payload: encodeReadings(part) }];
  });
}

function draftOf(partition: number): Draft {
  return { partition, readings: [], originals: [], bytes: 0 };
}

function isFull({ readings, originals }: Draft): boolean {
  return readings.length >= PLACES || originals.length >= PLACES;
}

function familiesOf({ readings, originals }: Draft): Outgoing['families'] {
  const families = [
    { family: 'readings', records: readings },
    { family: 'originals', records: originals },
  ] as const;
  return families.filter(({ records }) => records.length > 0);
}

function idOf(record: NewRecord): string {
  return `${record.family} ${identityOf(record, digestOf(record))}`;
}
