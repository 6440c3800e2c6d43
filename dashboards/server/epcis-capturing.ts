import { randomUUID } from 'node:crypto';
import { documentText, type EpcisReading, readEpcisEach } from '../../codecs/epcis/index.ts';
import { type EpcisCapture, InputError } from '../../domain/index.ts';
import { EVENTS_MOST } from '../api/index.ts';
import type { Identity } from './identity.ts';
import { Refusal } from './problems.ts';
import type { Received } from './received.ts';
import type { Services } from './services.ts';

/** What may be captured by document. */
export const CAPTURED: ReadonlySet<EpcisReading['kind']> = new Set([
  ...(['document', 'query document', 'master data document'] as const),
]);

/** Who sends it, and the request as it came. */
interface Sent {
  readonly identity: Identity;
  readonly received: Received;
}

/**
 * Keeps what a capture brought: announced, so that its address answers, then durable in the log.
 * @returns its id, and whether the tracer has applied it already
 */
export function capturing({ epcisQueries, factCommands, time }: Services) {
  return async (
    { identity, received }: Sent,
    reading: EpcisReading,
    errorBehaviour: EpcisCapture['errorBehaviour'],
  ): Promise<{ readonly id: string; readonly isApplied: boolean }> => {
    const at = time.now();
    const capture: EpcisCapture = {
      ...{ id: randomUUID(), at, errorBehaviour, refused: reading.refused },
      context: [...reading.contexts, ...prefixesOf(reading)],
      events: reading.events,
      ...(reading.masterData.length > 0 && { masterData: reading.masterData }),
    };
    await epcisQueries.announce({ id: capture.id, createdAt: at, errorBehaviour });
    try {
      const isApplied = await factCommands.record([{ type: 'epcis', capture, by: identity.name }], received);
      return { id: capture.id, isApplied };
    } catch (error) {
      await epcisQueries.withdraw(capture.id);
      throw error;
    }
  };
}

/** @throws {InputError} EPCIS_* @throws {Refusal} 413 EPCIS_EVENTS_TOO_MANY */
export function readDocument(body: Buffer): EpcisReading {
  if (body.length === 0) throw new InputError('EPCIS_EMPTY', 'the body is empty');
  return requireFew(readEpcisEach(documentText(body)));
}

/** @throws {Refusal} 413 EPCIS_EVENTS_TOO_MANY */
export function requireFew(reading: EpcisReading): EpcisReading {
  if (reading.events.length <= EVENTS_MOST) return reading;
  const given = `${reading.events.length} events in one document; allowed: at most ${EVENTS_MOST}`;
  throw new Refusal(413, 'EPCIS_EVENTS_TOO_MANY', given);
}

export function invalidDocument({ refused }: EpcisReading): InputError {
  const [first] = refused;
  const message = first === undefined ? 'refused' : `${first.path}: ${first.given} given; allowed: ${first.allowed}`;
  return new InputError('EPCIS_INVALID', message, { refusals: refused.slice(0, 20) });
}

/** Prefixes of extensions; those of the standard's own namespaces mean nothing outside XML. */
function prefixesOf({ namespaces }: EpcisReading): Record<string, string>[] {
  const own = [...namespaces].filter(([, namespace]) => !namespace.startsWith('urn:epcglobal:'));
  return own.length === 0 ? [] : [Object.fromEntries(own)];
}
