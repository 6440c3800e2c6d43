import { z } from 'zod';
import { encodeTag } from '../../codecs/epc/index.ts';
import {
  type Fact,
  InputError,
  PLACE_ID,
  PORTAL_CAP_MS,
  PORTAL_ID,
  PORTAL_QUIET_MS,
  type Portal,
  SITE_ID,
  type Sighting,
  YamlFile,
} from '../../domain/index.ts';
import { parseInstant } from '../../rules/index.ts';
import { readAsn } from '../../trace/index.ts';
import { type Heard, type PlayedStep, playOf, usuallySeen } from './pass-play.ts';

const BY = 'test';
const INSTANT = 'RFC 3339 with a zone';
const TID = "the tag's own number, in hex";
const words = z.string({ error: 'text' });
export const instant = z.union([z.string(), z.number()], { error: INSTANT }).transform((given, context) => {
  const at = parseInstant(String(given));
  if (at !== null) return at;
  context.addIssue({ code: 'custom', message: INSTANT });
  return z.NEVER;
});
const place = z.string({ error: 'the id of a place' }).regex(PLACE_ID, 'the id of a place');
const epc = z.string({ error: 'an EPC URN' }).superRefine((given, context) => {
  if (tagOf(given) === null) context.addIssue({ code: 'custom', message: 'an SGTIN or SSCC as urn:epc:id:...' });
});
const epcs = z.array(epc, { error: 'a list of EPC URNs' }).min(1, 'at least one EPC');
/** When we hear of it: later than it happened, or than a notice usually comes. */
const received = { received: instant.optional() };
const packing = z.strictObject({ unit: epc, children: epcs, from: instant, ...received });

/** What is said of goods and what doors saw, in the words of tests of passes and of a backtest's context file. */
export const historyWords = {
  doors: z.record(
    z.string().regex(PORTAL_ID, 'the id of a portal'),
    z.strictObject({
      site: z.string({ error: 'the id of a site' }).regex(SITE_ID, 'the id of a site'),
      inside: place.optional(),
      outside: place.optional(),
    }),
    { error: 'doors by id' },
  ),
  shipments: z.array(z.unknown(), { error: 'a list of notices as POST /api/v1/shipments takes them' }).default([]),
  packed: z.array(packing, { error: 'a list of packings' }).default([]),
  unpacked: z.array(packing, { error: 'a list of unpackings' }).default([]),
  seen: z
    .array(
      z.strictObject({
        door: words,
        direction: z.enum(['in', 'out'], { error: 'in or out' }),
        at: instant,
        epcs,
        rssi: z.number({ error: 'dBm' }).default(-55),
        ...received,
        tid: z
          .string({ error: TID })
          .regex(/^([0-9A-Fa-f]{2}){2,62}$/, TID)
          .optional(),
      }),
      { error: 'a list of what went through doors' },
    )
    .default([]),
  complete: instant.optional(),
  now: instant.optional(),
};
const told = z.object(historyWords);
type Written = z.output<typeof told>;

/** What was said and seen, as the tracer takes it, in the order in which we heard of it. */
export interface PassHistory {
  readonly steps: readonly PlayedStep[];
}

/**
 * What a backtest's context file says of doors and goods (docs/rules.md, "Backtest"); null where it says nothing of them.
 * @throws {InputError} CONTEXT_FILE_BAD with `file:line: key: given, allowed`
 */
export function parsePassHistory(text: string, file: string): PassHistory | null {
  const yaml = new YamlFile(text, file, 'CONTEXT_FILE_BAD');
  const { value } = yaml;
  const isTold = typeof value === 'object' && value !== null && Object.keys(historyWords).some((key) => key in value);
  if (!isTold) return null;
  const parsed = told.safeParse(value);
  if (!parsed.success) {
    yaml.reportIssues(parsed.error.issues, [], 'the keys in docs/rules.md, "Tests of passes"');
    yaml.throwIfBad();
    throw new InputError('CONTEXT_FILE_BAD', `${file}:1: not understood`, { file });
  }
  const history = historyOf(parsed.data, (path, allowed) => {
    yaml.report(path, allowed);
  });
  yaml.throwIfBad();
  return history;
}

/** @param report names what is wrong by its path, with what is allowed */
export function historyOf(written: Written, report: (path: (string | number)[], allowed: string) => void): PassHistory {
  const doors = new Map(Object.entries(written.doors).map(([id, door]) => [id, portalOf(id, door)]));
  const notices = written.shipments.flatMap((given, index): Heard<Fact>[] => {
    const refuse = (path: string, allowed: string) =>
      report(['shipments', index, ...path.split('.').filter((part) => part !== '')], allowed);
    const { received: when, ...body } = isMap(given) ? given : {};
    const received = instant.optional().safeParse(when);
    if (!received.success) refuse('received', INSTANT);
    const { asn, refusals } = readAsn(isMap(given) ? body : given);
    for (const { path, allowed } of refusals) refuse(path, allowed);
    if (asn === null) return [];
    const usually = Math.min(asn.departs, ...asn.units.map(({ from }) => from));
    return [{ told: { type: 'asn', asn, by: BY }, received: received.data ?? null, usually }];
  });
  const seen = written.seen.flatMap((one, index): Heard<readonly Sighting[]>[] => {
    const door = doors.get(one.door);
    if (door === undefined) {
      report(['seen', index, 'door'], [...doors.keys()].join(', '));
      return [];
    }
    const told = sightingsOf(door, one);
    return [{ told, received: one.received ?? null, usually: usuallySeen(told) }];
  });
  const last = Math.max(0, ...seen.flatMap(({ told }) => told.map(({ lastSeen }) => lastSeen)));
  const complete = written.complete ?? last + 60 * 60_000;
  const packed =
    (isUnpacked: boolean) =>
    ({ received, ...one }: Written['packed'][number]): Heard<Fact> => ({
      told: { type: 'packing', packing: { ...one, isUnpacked }, by: BY },
      ...{ received: received ?? null, usually: one.from },
    });
  const facts = [...notices, ...written.packed.map(packed(false)), ...written.unpacked.map(packed(true))];
  const latest = [...facts, ...seen].map(({ received }) => received ?? 0);
  return {
    steps: playOf({
      known: [...doors.values()].map((portal): Fact => ({ type: 'portal', portal, by: BY })),
      ...{ facts, seen, readers: [...doors.keys()], complete, now: written.now ?? Math.max(complete, ...latest) },
    }),
  };
}

function isMap(given: unknown): given is Readonly<Record<string, unknown>> {
  return typeof given === 'object' && given !== null && !Array.isArray(given);
}

/** With a reader of its own: antenna 1 outside, 2 inside. */
function portalOf(id: string, { site, inside, outside }: Written['doors'][string]): Portal {
  return {
    ...{
      id,
      name: id,
      site,
      inside: inside ?? `${site.replace('site:', 'room:')}/dock`,
      outside: outside ?? `${site}/yard`,
    },
    ...{ triggers: [], quietMs: PORTAL_QUIET_MS, capMs: PORTAL_CAP_MS },
    antennas: [
      { reader: id, antenna: 1, side: 'outside' },
      { reader: id, antenna: 2, side: 'inside' },
    ],
  };
}

function sightingsOf(
  { id: reader }: Portal,
  { direction, at, epcs: read, rssi, tid }: Written['seen'][number],
): Sighting[] {
  const antennas = direction === 'in' ? [1, 2] : [2, 1];
  return read.flatMap((one) =>
    antennas.map((antenna, step): Sighting => {
      const firstSeen = at + step * 1_000;
      const tag = {
        epcHex: tagOf(one) ?? '',
        epcBits: 96,
        firstSeen,
        lastSeen: firstSeen + 500,
        count: 5,
        rssiDbm: rssi,
      };
      return { reader, antenna, ...tag, ...(tid !== undefined && { tids: [tid.toUpperCase()] }) };
    }),
  );
}

/** EPC memory of a serial or logistic unit; null where it is neither. */
function tagOf(given: string): string | null {
  const form = /^urn:epc:id:(sgtin|sscc):(.+)$/.exec(given);
  if (form === null) return null;
  try {
    return encodeTag(`urn:epc:tag:${form[1]}-96:${form[1] === 'sgtin' ? 1 : 0}.${form[2]}`);
  } catch (error) {
    if (error instanceof InputError) return null;
    throw error;
  }
}
