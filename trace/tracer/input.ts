import { decodeBatch } from '../../codecs/batch/index.ts';
import {
  type CompleteUntil,
  decodeJson,
  type Fact,
  type GpiEvent,
  type KeptFact,
  LINE_MOST,
  type LogRecord,
  type ReadGap,
  type Sighting,
  storableDocument,
  storableText,
  type Tick,
  textFault,
} from '../../domain/index.ts';
import type { Reported, ReportedLight } from '../passes/index.ts';
import type { ArrivedBatch } from './gateway-batches.ts';

/** A batch of records by kind, in log order. */
export interface Input {
  readonly facts: KeptFact[];
  readonly sightings: Reported<Sighting>[];
  readonly gpi: Reported<GpiEvent>[];
  readonly gaps: Reported<ReadGap>[];
  readonly complete: Reported<CompleteUntil>[];
  readonly shown: ReportedLight[];
  /** Those with a number of their gateway's. */
  readonly batches: ArrivedBatch[];
  /** The last tick. */
  now: number | null;
}

export function sorted(records: readonly LogRecord[]): Input {
  const input: Input = { facts: [], sightings: [], gpi: [], gaps: [], complete: [], shown: [], batches: [], now: null };
  for (const { kind, payload, position, arrival, sequence } of records) {
    if (kind === 'fact') input.facts.push({ position, arrival, fact: factIn(payload) });
    else if (kind === 'tick') input.now = decodeJson<Tick>(payload).now;
    else if (kind === 'sightings') {
      const { batch } = decodeBatch(payload);
      if (sequence !== null) input.batches.push({ position, arrival, batch });
      // One by one: an argument each is more than the stack holds of 120,000 at once.
      const take = <T extends { readonly reader: string }>(into: Reported<T>[], reports: readonly T[]) => {
        for (const report of reports) if (isReader(report.reader)) into.push({ position, report });
      };
      take(input.sightings, batch.sightings);
      take(input.gpi, batch.gpi);
      take(
        input.gaps,
        batch.gaps.map((gap) => ({ ...gap, reason: storableText(gap.reason) })),
      );
      take(input.complete, batch.complete);
      for (const light of batch.shown ?? []) input.shown.push({ gateway: batch.gateway, position, light });
    }
  }
  return input;
}

/**
 * A fact that was taken before its door refused such text: U+FFFD stands where PostgreSQL has no form, so that the rest
 * of a notice or capture still counts.
 */
function factIn(payload: Uint8Array): Fact {
  const fact = decodeJson<Fact>(payload);
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  // JSON writes both as escapes: most facts are not walked.
  const mayBeUnstorable = bytes.includes('\\u0000') || /\\ud[89a-f]/i.test(bytes.toString('latin1'));
  return mayBeUnstorable ? storableDocument(fact) : fact;
}

/** A name that no reader has and no row can hold costs its own reports only. */
function isReader(name: string): boolean {
  return textFault(name, { max: LINE_MOST }) === null;
}
