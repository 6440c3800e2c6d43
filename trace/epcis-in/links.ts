import type pg from 'pg';
import { checkDigit, digitalLink, keysOf, plusTagsOf } from '../../codecs/epc/index.ts';
import { type Epc, InputError } from '../../domain/index.ts';
import { type CapturedEvent, type EpcisJson, epcisSource, listOf, statementsOf } from './event.ts';
import { namesOfPlusTags } from './plus-tags.ts';

/*
 * A Digital Link does not say where the company prefix ends, and neither does a "+" tag. So an event that names a thing by
 * Digital Link has no effect on it until a notice or another event names the same thing by its EPC. Then it is applied.
 */

/** Events of one capture to apply again, and who sent them when. */
export interface Waiting {
  readonly events: readonly CapturedEvent[];
  readonly received: { readonly at: number; readonly by: string };
}

/** Digital Links of items in an event, each in its canonical form. */
export function linksIn(event: EpcisJson): string[] {
  const links = new Set<string>();
  const { parentID } = event;
  for (const one of [parentID, ...LISTS.flatMap((list) => listOf(event[list]))]) {
    const link = itemLink(one);
    if (link !== null) links.add(link);
  }
  return [...links];
}

/** The events with each Digital Link replaced by the EPC that is known for it, and the statements that follow from that. */
export async function withKnownNames(
  client: pg.ClientBase,
  events: readonly CapturedEvent[],
): Promise<CapturedEvent[]> {
  const links = new Set(events.flatMap(({ event }) => (event === null ? [] : linksIn(event))));
  if (links.size === 0) return [...events];
  const names = await namesOfPlusTags(client, links);
  const all: CapturedEvent[] = [];
  for (const one of events) {
    const { position, index } = one;
    if (one.event === null || !linksIn(one.event).some((link) => names.has(link))) {
      all.push(one);
      continue;
    }
    const event = withNames(one.event, names);
    const statements = statementsOf(event, position, index);
    if (statements.empties !== one.empties) {
      await client.query('UPDATE epcis_events SET empties = $3 WHERE position = $1 AND index = $2', [
        ...[position, index, statements.empties],
      ]);
    }
    all.push({ ...one, ...statements, event });
  }
  return all;
}

/** Events that name some of these things by Digital Link. */
export async function waitingFor(client: pg.ClientBase, epcs: readonly Epc[]): Promise<Waiting[]> {
  const any = await client.query('SELECT FROM epcis_events WHERE links IS NOT NULL ORDER BY position LIMIT 1');
  if (any.rowCount === 0) return [];
  const { rows } = await client.query<WaitingRow>(
    `SELECT position, index, event, event_time AS at, record_time AS heard_at, by FROM epcis_events
     WHERE links && $1::text[] ORDER BY position, index`,
    [plusTagsOf(epcs)],
  );
  const captures = new Map<number, Waiting & { readonly events: CapturedEvent[] }>();
  for (const { heard_at, by, ...row } of rows) {
    const { position, index, event } = row;
    const capture = captures.get(position) ?? { events: [], received: { at: heard_at, by } };
    capture.events.push({ ...row, ...statementsOf(event, position, index), source: epcisSource(position, index) });
    captures.set(position, capture);
  }
  return [...captures.values()];
}

interface WaitingRow {
  readonly position: number;
  readonly index: number;
  readonly event: EpcisJson;
  readonly at: number;
  readonly heard_at: number;
  readonly by: string;
}

const LISTS = ['epcList', 'childEPCs', 'inputEPCList', 'outputEPCList'] as const;

function withNames(event: EpcisJson, names: ReadonlyMap<string, Epc>): EpcisJson {
  const name = (one: unknown) => names.get(itemLink(one) ?? '') ?? one;
  const lists = LISTS.filter((list) => event[list] !== undefined).map((list) => [list, listOf(event[list]).map(name)]);
  return {
    ...event,
    ...(event.parentID !== undefined && { parentID: name(event.parentID) }),
    ...Object.fromEntries(lists),
  };
}

const PLAIN = /^https?:\/\/[^?#]+?\/((?:01\/(?=\d{14}\/21\/[\w.-]+$)|00\/(?=\d{18}$))(\d+).*)$/i;

function hasCheckDigit(key: string): boolean {
  return checkDigit(key.slice(0, -1)) === Number(key.at(-1));
}

/** null: no Digital Link, one of something else than an item or a logistic unit, or one whose check digit is wrong. */
function itemLink(given: unknown): string | null {
  if (typeof given !== 'string' || !/^https?:/i.test(given)) return null;
  // Nothing in it is escaped: its path is that of its canonical form.
  const [, path, key] = PLAIN.exec(given) ?? [];
  if (path !== undefined && key !== undefined && hasCheckDigit(key)) return `https://id.gs1.org/${path}`;
  try {
    const keys = keysOf(given);
    if (keys === null) return null;
    if ('sscc' in keys) return digitalLink([{ ai: '00', value: keys.sscc }]);
    const { gtin, serial } = keys;
    return digitalLink([
      { ai: '01', value: gtin },
      { ai: '21', value: serial },
    ]);
  } catch (error) {
    // A class of things, or no key at all. A capture is not refused for it: the event is kept and says nothing of it.
    if (error instanceof InputError) return null;
    throw error;
  }
}
