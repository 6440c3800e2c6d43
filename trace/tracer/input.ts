import { decodeBatch } from '../../codecs/batch/index.ts';
import {
  type CompleteUntil,
  decodeJson,
  type Fact,
  type GpiEvent,
  type KeptFact,
  type LogRecord,
  type ReadGap,
  type Sighting,
  type Tick,
} from '../../domain/index.ts';
import type { Reported } from '../passes/index.ts';
import type { ArrivedBatch } from './gateway-batches.ts';

/** A batch of records by kind, in log order. */
export interface Input {
  readonly facts: KeptFact[];
  readonly sightings: Reported<Sighting>[];
  readonly gpi: Reported<GpiEvent>[];
  readonly gaps: Reported<ReadGap>[];
  readonly complete: Reported<CompleteUntil>[];
  /** Those with a number of their gateway's. */
  readonly batches: ArrivedBatch[];
  /** The last tick. */
  now: number | null;
}

export function sorted(records: readonly LogRecord[]): Input {
  const input: Input = { facts: [], sightings: [], gpi: [], gaps: [], complete: [], batches: [], now: null };
  for (const { kind, payload, position, arrival, sequence } of records) {
    if (kind === 'fact') input.facts.push({ position, arrival, fact: decodeJson<Fact>(payload) });
    else if (kind === 'tick') input.now = decodeJson<Tick>(payload).now;
    else if (kind === 'sightings') {
      const { batch } = decodeBatch(payload);
      if (sequence !== null) input.batches.push({ position, arrival, batch });
      const reported = <T>(report: T): Reported<T> => ({ position, report });
      input.sightings.push(...batch.sightings.map(reported));
      input.gpi.push(...batch.gpi.map(reported));
      input.gaps.push(...batch.gaps.map(reported));
      input.complete.push(...batch.complete.map(reported));
    }
  }
  return input;
}
