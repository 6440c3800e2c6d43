// biome-ignore-all lint/style/noRestrictedImports: a door of the yard, for whose passes tests send what a reader saw
import { once } from 'node:events';
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeBatch } from '../../codecs/batch/index.ts';
import { PERMISSIONS, permissionsOf, ROLES, type Role, systemTime } from '../../domain/index.ts';
import { door, through } from '../../trace/testing/yard.ts';
import { OPERATIONS, type Operation } from '../api/index.ts';
import { room } from '../api/live.ts';
import { Installation } from './testing/installation.ts';

const NOW = Date.now();
const HOUR = 3_600_000;

/** What one operation is asked about. */
interface Subjects {
  readonly site: string;
  readonly place: string;
  readonly shipment: string;
  readonly unit: string;
  readonly serial: string;
  readonly lot: string;
  readonly device: string;
  readonly portal: string;
  readonly alert: string;
  readonly pass: string;
  /** An entry in quarantine. */
  readonly entry: string;
  readonly caseId: string;
}

/** Two sites that have nothing to do with each other. Everything of the second is known by one of its MARKS. */
const LYON = subjectsOf('lyon', 1);
const ZQ7 = subjectsOf('zq7', 7);
const MARKS = /zq7|7777777|LOT7|812345\.7/i;
/** Nothing of it was ever heard of. */
const NONE: Subjects = {
  ...subjectsOf('none', 9),
  alert: 'no-such-alert',
  pass: 'pass-999999',
  entry: '0-999999-0',
  caseId: 'C-999999',
};

function subjectsOf(name: string, digit: number): Subjects {
  return {
    ...{ site: `site:${name}`, place: `room:${name}/dock`, shipment: `SHP-${name}`, device: `logger-${name}` },
    unit: `urn:epc:id:sscc:0614141.1${String(digit).repeat(9)}`,
    serial: `urn:epc:id:sgtin:0614141.812345.${digit}01`,
    ...{ lot: `LOT${digit}`, portal: `door-${name}`, alert: '', pass: '', entry: '', caseId: '' },
  };
}

let house: Installation;
const known = new Map<Subjects, Subjects>();
const of = (some: Subjects) => known.get(some) ?? some;

beforeAll(async () => {
  house = await Installation.start();
  await house.accounts.roles.put(OWN_ROLE, { about: 'leads a site', permissions: GIVEN });
  for (const [index, some] of [LYON, ZQ7].entries()) known.set(some, await build(some, index + 1));
}, 120_000);
afterAll(() => house.stop());

/** Places, a door, a shipment that came in through it with its logger, an alert, a hold, a verification, refused words. */
async function build(some: Subjects, sequence: number): Promise<Subjects> {
  const { site, place, shipment, unit, serial, lot, device, portal } = some;
  const done = async (method: string, path: string, body: unknown) => {
    const { status, body: answer } = await house.ask('admin', method, path, body);
    expect({ path, status, answer: status < 300 ? null : answer }).toMatchObject({ answer: null });
  };
  await done('PUT', `/places/${site}`, { name: site, zone: 'Europe/Paris' });
  await done('PUT', `/places/${encodeURIComponent(place)}`, { name: place, parent: site });
  const yard = door(portal, site, { inside: place, outside: site });
  const { antennas, triggers } = yard;
  await done('PUT', `/portals/${portal}`, { name: portal, inside: place, outside: site, site, antennas, triggers });
  await done('POST', '/devices', { id: device, kind: 'logger', site });
  await done('POST', '/shipments', {
    ...{ id: shipment, profile: '2-8C', origin: `${site}`, destination: site },
    ...{ departs: NOW - 2 * HOUR, arrives: NOW + 2 * HOUR },
    units: [{ sscc: unit, devices: [device], children: [serial], from: NOW - 3 * HOUR }],
    products: [{ gtin: '80614141123458', name: `Drug of ${site}`, lot, expiry: '2099-06-30' }],
  });
  const when = NOW - HOUR;
  const batch = { gateway: 'gw', sequence, at: when, gpi: [], gaps: [] };
  const complete = antennas.map(({ reader }) => ({ reader, at: when + 60_000 }));
  await house.log.append([
    {
      ...{ family: 'trace', partition: 0, kind: 'sightings', version: 1, source: 'gw', sequence },
      arrival: systemTime.now(),
      payload: encodeBatch({ ...batch, complete, sightings: through(yard, 'in', when, [unit, serial]) }),
    },
  ]);
  await house.measure(device, [[NOW - HOUR, 5.1]]);
  await house.find({
    ...{ rule: 'too-warm', ruleVersion: 1, kind: 'threshold', severity: 'critical', key: `${device}/temperature` },
    ...{ from: NOW - HOUR, to: NOW - HOUR / 2, endedBy: 'recovery', extreme: 12, readings: 5, minutesOutOfRange: 30 },
    ...{ runs: [{ from: NOW - HOUR, to: NOW - HOUR / 2 }], limit: 8, detectedAt: NOW, detectedLate: false },
  });
  await done('PUT', `/holds/${encodeURIComponent(`shipment:${shipment}`)}`, { reason: `kept for ${site}` });
  await done('POST', '/verifications', { gtin: '80614141123458', serial: serial.split('.').at(-1) });
  const { rows } = await house.database.query<{ entry: string }>(
    `INSERT INTO quarantine (partition, position, index, arrival, source, topic, reason, detail, payload)
     VALUES (0, $1, 0, date_trunc('milliseconds', now()), $2, $3, 'NOT_JSON', 'no JSON', '\\x00') RETURNING partition || '-' || position || '-' || index AS entry`,
    [sequence, device, `isotherm/v1/devices/${device}/readings`],
  );
  const first = async <T>(path: string, fits: (items: T[]) => T | undefined): Promise<T> => {
    for (let tries = 0; tries < 400; tries++) {
      const { body } = await house.ask('admin', 'GET', path);
      const found = fits((body as { items: T[] }).items);
      if (found !== undefined) return found;
      await systemTime.sleep('alerts and passes', 50);
    }
    throw new Error(`${path} stays empty`);
  };
  const pass = await first<{ id: string; isProvisional: boolean }>(`/portals/${portal}/passes`, (items) => items[0]);
  const alert = await first<{ id: string; affected: { count: number } }>(`/alerts?device=${device}`, (items) =>
    items.find(({ affected }) => affected.count > 0),
  );
  const { id: caseId } = await first<{ id: string }>(`/cases?shipment=${shipment}`, (items) => items[0]);
  return { ...some, alert: alert.id, pass: pass.id, entry: rows[0]?.entry ?? '', caseId };
}

const reason = { reason: 'because of a test' };
const signature = { meaning: 'reviewed', password: 'x' };
const atNow = new Date(NOW).toISOString();
const id = encodeURIComponent;

/** Of one operation: what is asked, and what who does not see it is answered. */
interface Row {
  readonly path: (some: Subjects) => string;
  readonly body?: (some: Subjects) => unknown;
  /** `nothing`: an answer without it. `refused`: 403, in words that say no more than that. */
  readonly elsewhere: 404 | 'nothing' | 'refused';
  /** Who sees the site is let do it, or, of a signature, told that only a person may; where the order of the walk decides how far it gets, that is not compared. */
  readonly here?: 'found' | 'let in' | 'a person';
}

/** Everything that answers by site. What is missing here fails. */
const TABLE: Readonly<Record<string, Row>> = {
  'GET /shipments': { path: () => '/shipments?limit=100', elsewhere: 'nothing' },
  'GET /shipment-board': { path: () => '/shipment-board', elsewhere: 'nothing' },
  'POST /shipments': {
    path: () => '/shipments',
    body: (some) => ({
      ...{ id: `${some.shipment}-2`, profile: '2-8C', origin: some.site, destination: some.site },
      ...{ departs: NOW, arrives: NOW + HOUR, units: [], products: [] },
    }),
    ...{ elsewhere: 'refused', here: 'let in' },
  },
  'POST /shipments/check': {
    path: () => '/shipments/check',
    body: (some) => ({
      ...{ id: some.shipment, profile: '2-8C', origin: some.site, destination: some.site },
      ...{ departs: NOW, arrives: NOW + HOUR, units: [], products: [] },
    }),
    ...{ elsewhere: 'refused', here: 'let in' },
  },
  'GET /shipments/:id/serials': { path: ({ shipment }) => `/shipments/${shipment}/serials`, elsewhere: 404 },
  'GET /shipments/:id/journey': { path: ({ shipment }) => `/shipments/${shipment}/journey`, elsewhere: 404 },
  'GET /shipments/:id/shares': {
    path: ({ shipment }) => `/shipments/${shipment}/shares`,
    elsewhere: 404,
    here: 'let in',
  },
  'POST /shipments/:id/shares': {
    path: ({ shipment }) => `/shipments/${shipment}/shares`,
    body: () => ({ recipient: 'a pharmacy', endsAt: NOW + 24 * HOUR, contents: [] }),
    ...{ elsewhere: 'refused', here: 'a person' },
  },
  'PUT /shipments/:id/shares/:share': {
    path: ({ shipment }) => `/shipments/${shipment}/shares/1`,
    body: () => ({ endsAt: NOW + 24 * HOUR, ...reason }),
    ...{ elsewhere: 404, here: 'let in' },
  },
  'DELETE /shipments/:id/shares/:share': {
    path: ({ shipment }) => `/shipments/${shipment}/shares/1`,
    ...{ elsewhere: 404, here: 'let in' },
  },
  'GET /shipments/:id': { path: ({ shipment }) => `/shipments/${shipment}`, elsewhere: 404 },
  'GET /alerts/:id/verdicts': { path: ({ alert }) => `/alerts/${alert}/verdicts`, elsewhere: 404, here: 'let in' },
  'POST /alerts/:id/verdicts/draft': {
    path: ({ alert }) => `/alerts/${alert}/verdicts/draft`,
    body: () => ({ ...reason, verdict: 'not part of journey', from: NOW - HOUR, to: NOW }),
    ...{ elsewhere: 'refused', here: 'a person' },
  },
  'POST /alerts/:id/verdicts': {
    path: ({ alert }) => `/alerts/${alert}/verdicts`,
    body: () => ({ ...reason, verdict: 'not part of journey', from: NOW - HOUR, to: NOW, signature }),
    ...{ elsewhere: 'refused', here: 'a person' },
  },
  'GET /cases/:id/trace-requests': {
    path: ({ caseId }) => `/cases/${caseId}/trace-requests`,
    ...{ elsewhere: 404, here: 'let in' },
  },
  'POST /cases/:id/trace-requests': {
    path: ({ caseId }) => `/cases/${caseId}/trace-requests`,
    body: () => ({ direction: 'out', partner: 'the maker', text: 'is it yours' }),
    ...{ elsewhere: 404, here: 'let in' },
  },
  'POST /cases/:id/trace-requests/:number/answer': {
    path: ({ caseId }) => `/cases/${caseId}/trace-requests/1/answer`,
    body: () => ({ answer: 'it is' }),
    ...{ elsewhere: 404, here: 'let in' },
  },
  // The case is one of an excursion, which has no such paper.
  'GET /cases/:id/form-3911': { path: ({ caseId }) => `/cases/${caseId}/form-3911`, elsewhere: 404, here: 'let in' },
  'GET /cases/:id/form-3911.pdf': {
    path: ({ caseId }) => `/cases/${caseId}/form-3911.pdf`,
    elsewhere: 404,
    here: 'let in',
  },
  'GET /cases/:id/report.csv': { path: ({ caseId }) => `/cases/${caseId}/report.csv`, elsewhere: 404 },
  'GET /shipments/:id/report.csv': { path: ({ shipment }) => `/shipments/${shipment}/report.csv`, elsewhere: 404 },
  'GET /cases/:id/report.pdf': { path: ({ caseId }) => `/cases/${caseId}/report.pdf`, elsewhere: 404 },
  'GET /shipments/:id/report.pdf': {
    path: ({ shipment }) => `/shipments/${shipment}/report.pdf`,
    elsewhere: 404,
  },
  'GET /devices/:id/report.pdf': { path: ({ device }) => `/devices/${device}/report.pdf`, elsewhere: 404 },
  'GET /serials/:epc/report.pdf': { path: ({ serial }) => `/serials/${id(serial)}/report.pdf`, elsewhere: 404 },
  'POST /shipments/:id/close': {
    path: ({ shipment }) => `/shipments/${shipment}/close`,
    ...{ elsewhere: 404, here: 'let in' },
  },
  'POST /shipments/:id/corrections': {
    path: ({ shipment }) => `/shipments/${shipment}/corrections`,
    body: () => ({ ...reason, revision: 1, lane: 'x' }),
    ...{ elsewhere: 404, here: 'let in' },
  },
  'POST /shipments/:id/cancel': {
    path: ({ shipment }) => `/shipments/${shipment}/cancel`,
    body: () => ({ ...reason, revision: 1 }),
    ...{ elsewhere: 404, here: 'let in' },
  },
  'POST /shipments/:id/reinstate': {
    path: ({ shipment }) => `/shipments/${shipment}/reinstate`,
    body: () => ({ ...reason, revision: 1 }),
    ...{ elsewhere: 404, here: 'let in' },
  },
  'POST /shipments/:id/attachments': {
    path: ({ shipment }) => `/shipments/${shipment}/attachments`,
    body: ({ device }) => ({ ...reason, device, unit: null }),
    ...{ elsewhere: 404, here: 'let in' },
  },
  'GET /shipments/:id/reconciliation': {
    path: ({ shipment }) => `/shipments/${shipment}/reconciliation`,
    ...{ elsewhere: 404, here: 'let in' },
  },
  'POST /shipments/:id/reconciliation/settle': {
    path: ({ shipment }) => `/shipments/${shipment}/reconciliation/settle`,
    body: () => ({ ...reason, lines: ['x'], how: 'recount' }),
    ...{ elsewhere: 404, here: 'let in' },
  },
  'POST /shipments/:id/counts': {
    path: ({ shipment }) => `/shipments/${shipment}/counts`,
    body: ({ unit, serial }) => ({ unit, found: [serial] }),
    ...{ elsewhere: 404, here: 'let in' },
  },
  'GET /shipments/:id/markets': {
    path: ({ shipment }) => `/shipments/${shipment}/markets`,
    ...{ elsewhere: 404, here: 'let in' },
  },
  'GET /passes/:id/reconciliation': {
    path: ({ pass }) => `/passes/${pass}/reconciliation`,
    ...{ elsewhere: 404, here: 'let in' },
  },
  'POST /passes/:id/reconciliation/settle': {
    path: ({ pass }) => `/passes/${pass}/reconciliation/settle`,
    body: () => ({ ...reason, lines: ['x'], how: 'recount' }),
    ...{ elsewhere: 404, here: 'let in' },
  },
  'POST /passes/:id/photos': {
    path: ({ pass }) => `/passes/${pass}/photos`,
    body: () => ({ file: 'x' }),
    ...{ elsewhere: 404, here: 'let in' },
  },
  'GET /passes/:id/photos/:sha256': {
    path: ({ pass }) => `/passes/${pass}/photos/${'0'.repeat(64)}`,
    ...{ elsewhere: 404, here: 'let in' },
  },
  'POST /passes/:id/damages': {
    path: ({ pass }) => `/passes/${pass}/damages`,
    body: ({ serial }) => ({ epcs: [serial] }),
    ...{ elsewhere: 404, here: 'let in' },
  },
  'GET /passes/:id/damages': {
    path: ({ pass }) => `/passes/${pass}/damages`,
    ...{ elsewhere: 404, here: 'let in' },
  },
  'GET /serials/:epc': { path: ({ serial }) => `/serials/${id(serial)}`, elsewhere: 404 },
  'GET /search': {
    path: ({ lot }) => `/search?q=${lot}`,
    elsewhere: 'nothing',
  },
  'GET /recall': { path: ({ lot }) => `/recall?lot=${lot}`, elsewhere: 'nothing' },
  'GET /recall.csv': { path: ({ lot }) => `/recall.csv?lot=${lot}`, elsewhere: 'nothing' },
  'GET /recall.jsonld': { path: ({ lot }) => `/recall.jsonld?lot=${lot}`, elsewhere: 'nothing' },
  'POST /verifications': {
    path: () => '/verifications',
    body: ({ serial }) => ({ gtin: '80614141123458', serial: serial.split('.').at(-1) }),
    elsewhere: 'nothing',
  },
  'GET /verifications': { path: () => '/verifications', elsewhere: 'nothing' },
  'GET /devices': { path: () => '/devices?limit=100', elsewhere: 'nothing' },
  'GET /devices/:id': { path: ({ device }) => `/devices/${device}`, elsewhere: 404 },
  'POST /devices': {
    path: () => '/devices',
    body: ({ device, site }) => ({ id: device, kind: 'logger', site }),
    elsewhere: 'refused',
  },
  'POST /devices/:id/swap': {
    path: ({ device }) => `/devices/${device}/swap`,
    body: () => ({ ...reason, by: 'nobody' }),
    ...{ elsewhere: 404, here: 'let in' },
  },
  'GET /devices/:id/calibrations': { path: ({ device }) => `/devices/${device}/calibrations`, elsewhere: 404 },
  'GET /devices/:id/calibrations/:sha256': {
    path: ({ device }) => `/devices/${device}/calibrations/00`,
    ...{ elsewhere: 404, here: 'let in' },
  },
  'POST /devices/:id/calibrations': {
    path: ({ device }) => `/devices/${device}/calibrations`,
    body: () => ({ ...reason, offset: 0.1 }),
    elsewhere: 404,
  },
  'GET /readings': {
    path: ({ device }) => `/readings?device=${device}&metric=temperature`,
    elsewhere: 'nothing',
    here: 'let in',
  },
  'GET /readings/original': {
    path: ({ device }) => `/readings/original?device=${device}&metric=temperature&time=${NOW - HOUR}`,
    ...{ elsewhere: 'nothing', here: 'let in' },
  },
  'POST /readings/set-aside': {
    path: () => '/readings/set-aside',
    body: ({ device }) => ({ ...reason, device, metric: 'temperature', time: atNow }),
    elsewhere: 404,
  },
  'POST /readings/restore': {
    path: () => '/readings/restore',
    body: ({ device }) => ({ ...reason, device, metric: 'temperature', time: atNow }),
    elsewhere: 404,
  },
  'GET /holds': { path: () => '/holds', elsewhere: 'nothing' },
  'PUT /holds/:subject': {
    path: ({ device }) => `/holds/${id(`device:${device}`)}`,
    body: () => reason,
    elsewhere: 404,
  },
  'POST /holds/:subject/release': {
    path: ({ shipment }) => `/holds/${id(`shipment:${shipment}`)}/release`,
    body: () => reason,
    elsewhere: 404,
  },
  'GET /places': { path: () => '/places?limit=100', elsewhere: 'nothing' },
  'GET /portals': { path: () => '/portals?limit=100', elsewhere: 'nothing' },
  'GET /portals/:id': { path: ({ portal }) => `/portals/${portal}`, elsewhere: 404 },
  'GET /portals/:id/passes': { path: ({ portal }) => `/portals/${portal}/passes`, elsewhere: 404 },
  'GET /portals/:id/unsettled': {
    path: ({ portal }) => `/portals/${portal}/unsettled`,
    ...{ elsewhere: 404, here: 'let in' },
  },
  'GET /portals/:id/usual': { path: ({ portal }) => `/portals/${portal}/usual`, elsewhere: 404 },
  'GET /passes/:id': { path: ({ pass }) => `/passes/${pass}`, elsewhere: 404 },
  'GET /passes/:id/goods': { path: ({ pass }) => `/passes/${pass}/goods`, elsewhere: 404 },
  'GET /alerts': { path: () => '/alerts?limit=100', elsewhere: 'nothing' },
  'GET /cases': { path: () => '/cases?limit=100', elsewhere: 'nothing' },
  'POST /cases': {
    path: () => '/cases',
    body: (some) => ({ kind: 'complaint', title: 'a complaint', shipment: some.shipment, ...reason }),
    ...{ elsewhere: 404, here: 'let in' },
  },
  'GET /cases/people': { path: () => '/cases/people', elsewhere: 'nothing', here: 'let in' },
  'GET /cases/mentions': { path: () => '/cases/mentions', elsewhere: 'nothing', here: 'let in' },
  'POST /cases/:id/mentions/seen': {
    path: (some) => `/cases/${some.caseId}/mentions/seen`,
    body: () => ({}),
    ...{ elsewhere: 404, here: 'let in' },
  },
  'GET /cases/:id': { path: (some) => `/cases/${some.caseId}`, elsewhere: 404 },
  'GET /cases/:id/changes': { path: (some) => `/cases/${some.caseId}/changes`, elsewhere: 404 },
  'GET /cases/:id/damages': { path: (some) => `/cases/${some.caseId}/damages`, elsewhere: 404 },
  'GET /cases/:id/serials': { path: (some) => `/cases/${some.caseId}/serials`, elsewhere: 404 },
  'GET /cases/:id/attachments/:number': {
    path: (some) => `/cases/${some.caseId}/attachments/1`,
    ...{ elsewhere: 404, here: 'let in' },
  },
  'POST /cases/:id/comments': {
    path: (some) => `/cases/${some.caseId}/comments`,
    body: () => ({ text: 'seen' }),
    elsewhere: 404,
  },
  'POST /cases/:id/tasks': {
    path: (some) => `/cases/${some.caseId}/tasks`,
    body: () => ({ text: 'ask the carrier' }),
    elsewhere: 404,
  },
  'POST /cases/:id/tasks/:number/done': {
    path: (some) => `/cases/${some.caseId}/tasks/1/done`,
    body: () => ({}),
    ...{ elsewhere: 404, here: 'let in' },
  },
  'POST /cases/:id/assign': {
    path: (some) => `/cases/${some.caseId}/assign`,
    body: () => ({ to: null }),
    elsewhere: 404,
  },
  'POST /cases/:id/attachments': {
    path: (some) => `/cases/${some.caseId}/attachments`,
    body: () => ({}),
    ...{ elsewhere: 404, here: 'let in' },
  },
  'POST /cases/:id/finding': {
    path: (some) => `/cases/${some.caseId}/finding`,
    body: () => ({ illegitimate: false, ...reason }),
    ...{ elsewhere: 404, here: 'let in' },
  },
  'POST /cases/:id/clocks/:clock/done': {
    path: (some) => `/cases/${some.caseId}/clocks/dscsa.quarantine/done`,
    body: () => reason,
    ...{ elsewhere: 404, here: 'let in' },
  },
  'POST /cases/:id/close': {
    path: (some) => `/cases/${some.caseId}/close`,
    body: () => reason,
    ...{ elsewhere: 404, here: 'let in' },
  },
  'GET /alerts/groups': { path: () => '/alerts/groups?by=shipment', elsewhere: 'nothing' },
  'POST /alerts/actions': {
    path: () => '/alerts/actions',
    body: ({ alert }) => ({ action: 'assign', alerts: [{ id: alert }], to: null }),
    ...{ elsewhere: 'nothing', here: 'let in' },
  },
  'GET /alerts/:id': { path: ({ alert }) => `/alerts/${alert}`, elsewhere: 404 },
  'GET /alerts/:id/serials': { path: ({ alert }) => `/alerts/${alert}/serials`, elsewhere: 404 },
  ...Object.fromEntries(
    (
      [
        ['acknowledge', {}],
        ['comment', { comment: 'hello' }],
        ['assign', { to: null }],
        ['snooze', { until: new Date(NOW + HOUR).toISOString() }],
        ['resolve', reason],
        ['reopen', reason],
        ['escalate', {}],
      ] as const
    ).map(([action, body]) => [
      `POST /alerts/:id/${action}`,
      {
        path: ({ alert }: Subjects) => `/alerts/${alert}/${action}`,
        body: () => body,
        ...{ elsewhere: 404, here: 'let in' },
      } satisfies Row,
    ]),
  ),
  ...Object.fromEntries(
    (
      [
        ['decisions/draft', ({ lot }: Subjects) => ({ ...reason, revision: 1, lot, disposition: 'reject' })],
        ['decisions', ({ lot }: Subjects) => ({ ...reason, revision: 1, lot, disposition: 'reject', signature })],
        ['dispositions', ({ lot }: Subjects) => ({ ...reason, revision: 1, lot, disposition: 'reject', signature })],
        ['decisions/:number/challenge', () => ({})],
        ['decisions/:number/signatures', () => ({ signature })],
        ['steps', ({ alert }: Subjects) => ({ ...reason, revision: 1, signature, step: { step: 'excuse', alert } })],
        ['steps/draft', ({ alert }: Subjects) => ({ ...reason, revision: 1, step: { step: 'excuse', alert } })],
        ['steps/:number/undo/draft', () => ({ ...reason, revision: 1 })],
        ['steps/:number/undo', () => ({ ...reason, revision: 1, signature })],
      ] as const
    ).map(([action, body]) => [
      `POST /cases/:id/${action}`,
      {
        path: ({ caseId }: Subjects) => `/cases/${caseId}/${action.replace(':number', '1')}`,
        ...{ body, elsewhere: 404, here: 'a person' },
      } satisfies Row,
    ]),
  ),
  'GET /cases/:id/decisions/:number/record': {
    path: ({ caseId }) => `/cases/${caseId}/decisions/1/record`,
    ...{ elsewhere: 404, here: 'let in' },
  },
  // What a rule or a product is called is the same everywhere; lots are not.
  'GET /rules': { path: () => '/rules', elsewhere: 'nothing', here: 'let in' },
  'GET /rules/:id': { path: () => '/rules/too-warm', elsewhere: 'nothing', here: 'let in' },
  'GET /products': { path: () => '/products', elsewhere: 'nothing', here: 'let in' },
  'GET /products/:gtin': { path: () => '/products/80614141123458', elsewhere: 404, here: 'let in' },
  'GET /quarantine': { path: () => '/quarantine', elsewhere: 'nothing' },
  ...Object.fromEntries(
    (['discard', 'adopt'] as const).flatMap((verb) => [
      [
        `POST /quarantine/:id/${verb}`,
        {
          path: ({ entry }: Subjects) => `/quarantine/${entry}/${verb}`,
          body: () => reason,
          ...{ elsewhere: 404, here: 'let in' },
        } satisfies Row,
      ],
      [
        `POST /quarantine/${verb}`,
        {
          path: ({ device }: Subjects) => `/quarantine/${verb}?source=${device}`,
          body: () => reason,
          ...{ elsewhere: 'nothing', here: 'let in' },
        } satisfies Row,
      ],
    ]),
  ),
};

function nameOf({ method, base = '', path }: Operation): string {
  return `${method.toUpperCase()} ${base}${path}`;
}

const BOUND = OPERATIONS.filter(({ bySite }) => bySite === true);
const tokens = new Map<string, Promise<string>>();

/** A role of the installation's own, of everything that a person of one site may be given. */
const OWN_ROLE = 'site-lead';
/** Every role that can be bound to a site: an admin cannot. */
const WALKERS = [...ROLES.filter((role) => role !== 'admin'), OWN_ROLE];
const GIVEN = PERMISSIONS.filter((permission) => permission !== 'access.manage');

function holds(role: string, permission: Operation['permission']): boolean {
  if (permission === 'anyone' || permission === 'signed in') return true;
  const may: readonly string[] = role === OWN_ROLE ? GIVEN : [...permissionsOf(role as Role)];
  return may.includes(permission);
}

/** A token of a role, bound to a site. */
function boundTo(site: string, role: string): Promise<string> {
  const name = `${role}-${site.slice(5)}`;
  const made = tokens.get(name) ?? house.accounts.tokens.create({ name, role, sites: [site] });
  tokens.set(name, made);
  return made;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

async function ask(
  token: string,
  { method, base = '/api/v1' }: Operation,
  path: string,
  body: unknown,
): Promise<Answer> {
  const response = await fetch(`${house.url}${base}${path}`, {
    method: method.toUpperCase(),
    headers: { authorization: `Bearer ${token}`, ...(method === 'get' ? {} : { 'content-type': 'application/json' }) },
    ...(method === 'get' ? {} : { body: JSON.stringify(body ?? {}) }),
  });
  return { status: response.status, text: await response.text() };
}

describe('a person of another site', () => {
  test('is told nothing by an operation that this table does not know', () => {
    expect(BOUND.map(nameOf).sort()).toEqual(Object.keys(TABLE).sort());
  });

  test.each(WALKERS)('of the role %s is refused what concerns every site', async (role) => {
    const token = await boundTo('site:zq7', role);
    const answers: Record<string, unknown> = {};
    for (const operation of OPERATIONS) {
      const { permission, bySite, path } = operation;
      if (bySite === true || permission === 'anyone' || permission === 'signed in' || permission === 'sender') continue;
      const { status, text } = await ask(token, operation, path.replace(/:\w+/g, 'none'), {});
      if (status !== 403 || !text.includes('NEEDS_ALL_SITES')) answers[nameOf(operation)] = [status, text];
    }
    expect(answers).toEqual({});
  });

  test.each(BOUND.map((operation) => [nameOf(operation), operation] as const))('%s', async (name, operation) => {
    const row = TABLE[name];
    if (row === undefined) throw new Error(`${name} is not in the table`);
    const of7 = of(ZQ7);
    const walk = async (role: string) => {
      const token = await boundTo('site:lyon', role);
      const [hidden, absent] = await Promise.all([
        ask(token, operation, row.path(of7), row.body?.(of7)),
        ask(token, operation, row.path(NONE), row.body?.(NONE)),
      ]);
      const told = `${role} is told ${hidden.text}`;
      if (!holds(role, operation.permission)) {
        expect(hidden.status, told).toBe(403);
        expect(hidden.text, told).toContain('ROLE_NOT_ALLOWED');
      } else {
        const refused = row.elsewhere === 'refused' ? 403 : absent.status;
        expect(hidden.status, told).toBe(row.elsewhere === 404 ? 404 : refused);
      }
      // What was asked is echoed; nothing else of it is said, and it reads as for what never was.
      if (row.elsewhere !== 'nothing' || hidden.status >= 300) {
        expect(anonymous(hidden.text, of7), told).toBe(anonymous(absent.text, NONE));
      } else {
        expect(withoutEcho(hidden.text, name), told).not.toMatch(MARKS);
      }
    };
    await Promise.all(WALKERS.map(walk));
  });

  test.each(BOUND.map((operation) => [nameOf(operation), operation] as const))(
    '%s is answered to who sees it, where the role may',
    async (name, operation) => {
      const row = TABLE[name];
      const of7 = of(ZQ7);
      const holders = WALKERS.filter((role) => holds(role, operation.permission));
      expect(holders).toContain(OWN_ROLE);
      for (const role of WALKERS) {
        const token = await boundTo('site:zq7', role);
        const answer = await ask(token, operation, row?.path(of7) ?? '', row?.body?.(of7));
        const told = `${role} is told ${answer.text}`;
        if (!holders.includes(role)) {
          expect(answer.status, told).toBe(403);
          continue;
        }
        if (row?.here === 'a person') {
          expect([answer.status, answer.text], told).toEqual([
            403,
            expect.stringMatching(/TOKEN_CANNOT_SIGN|TOKEN_HAS_NO_SESSION/),
          ]);
          continue;
        }
        expect([401, 403], told).not.toContain(answer.status);
        // Where the first has done it, the next may be told that it is done.
        const isDone = operation.method !== 'get' && role !== holders[0];
        if (row?.here === 'let in' || isDone) continue;
        expect(answer.status, told).toBeLessThan(300);
        expect(answer.text, told).toMatch(MARKS);
      }
    },
  );
});

/** An answer with what was asked about taken out, wherever it is echoed, and the time. */
function anonymous(text: string, some: Subjects): string {
  const named = Object.values(some).filter((value) => value !== '');
  return named
    .sort((a, b) => b.length - a.length)
    .reduce((rest, value) => rest.replaceAll(value, '*'), text)
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '*');
}

/** The request comes back in the answer to a verification, and in what one asked oneself. */
function withoutEcho(text: string, name: string): string {
  if (name === 'POST /verifications') {
    const {
      id: _id,
      request: _request,
      findings,
      ...rest
    } = JSON.parse(text) as { findings: { finding: string }[] } & Record<string, unknown>;
    return JSON.stringify({ ...rest, findings: findings.map(({ finding }) => finding) });
  }
  if (name === 'GET /verifications') {
    const { items } = JSON.parse(text) as { items: { by: string }[] };
    return JSON.stringify(items.filter(({ by }) => !by.endsWith('-lyon')));
  }
  return text;
}

describe('a socket', () => {
  /** Every kind of room, of a site and of none. */
  const ROOMS: Readonly<Record<string, (some: Subjects) => string>> = {
    alerts: () => 'alerts',
    fleet: () => 'fleet',
    shipment: ({ shipment }) => `shipment:${shipment}`,
    device: ({ device }) => `device:${device}`,
    portal: ({ portal }) => `portal:${portal}`,
  };

  test('knows no kind of room that this table does not', () => {
    const kinds = Object.keys(ROOMS);
    const asked = [...kinds, 'site', 'serial', 'unit', 'alert', 'place', 'pass', 'user', 'audit', 'quarantine'];
    const taken = asked.filter((kind) => room.safeParse(kind).success || room.safeParse(`${kind}:x`).success);
    expect(taken).toEqual(kinds);
  });

  async function answers(token: string, some: Subjects): Promise<Record<string, unknown>> {
    const socket = await house.watchWith(token);
    const told: Record<string, unknown> = {};
    for (const [kind, roomOf] of Object.entries(ROOMS)) {
      told[kind] = await socket.emitWithAck('subscribe', { room: roomOf(some) });
    }
    socket.close();
    return told;
  }

  const OPEN = { ok: true };
  const CLOSED = { ok: false, reason: 'no such room' };

  test.each(['logistics', 'quality', 'dock', 'operations'] as const)(
    'of %s at a site is let into its rooms',
    async (role) => {
      const token = await house.accounts.tokens.create({ name: `socket-${role}`, role, sites: ['site:lyon'] });
      const everything = { alerts: OPEN, fleet: OPEN, shipment: OPEN, device: OPEN, portal: OPEN };
      const common = { alerts: OPEN, fleet: OPEN, shipment: CLOSED, device: CLOSED, portal: CLOSED };
      expect(await answers(token, of(LYON))).toEqual(everything);
      expect(await answers(token, of(ZQ7))).toEqual(common);
      expect(await answers(token, NONE)).toEqual(common);
    },
  );

  test.each(['logistics', 'quality', 'dock', 'operations', 'admin'] as const)(
    'of %s who sees all is let into all',
    async (role) => {
      const everything = { alerts: OPEN, fleet: OPEN, shipment: OPEN, device: OPEN, portal: OPEN };
      expect(await answers(await house.token(role), of(ZQ7))).toEqual(everything);
    },
  );

  type Refused = (typeof REFUSED)[number];
  const REFUSED = [
    ...(['nobody', 'an expired token', 'a revoked token', 'a device', 'a gateway'] as const),
    ...(['a deleted user', 'a disabled user', 'a session that was signed out'] as const),
  ];

  /** What somebody shows who is not to be let in: a token as sockets are given it, or a browser's cookie. */
  async function shownBy(who: Refused): Promise<{ auth?: { token: string }; extraHeaders?: { cookie: string } }> {
    const { credentials, tokens: made, users } = house.accounts;
    switch (who) {
      case 'nobody':
        return {};
      case 'an expired token':
        return { auth: { token: await made.create({ name: 'gone', role: 'dock', lifetimeMs: 1 }) } };
      case 'a revoked token': {
        const token = await made.create({ name: 'revoked', role: 'dock' });
        await made.revoke('revoked');
        return { auth: { token } };
      }
      case 'a device':
      case 'a gateway': {
        const kind = who === 'a device' ? 'device' : 'gateway';
        return { auth: { token: await credentials.create(`${kind}-9`, { kind }) } };
      }
      default: {
        const name = who.replaceAll(' ', '-');
        await users.create({ name, role: 'quality', password: 'demo' });
        const cookie = await signIn(name);
        if (who === 'a deleted user') await users.delete(name);
        else if (who === 'a disabled user') await users.change(name, { isDisabled: true });
        else await fetch(`${house.url}/api/v1/session`, { method: 'DELETE', headers: { cookie } });
        return { extraHeaders: { cookie } };
      }
    }
  }

  async function signIn(username: string): Promise<string> {
    const response = await fetch(`${house.url}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username, password: 'demo' }),
    });
    expect(response.status).toBe(200);
    return response.headers.get('set-cookie')?.split(';')[0] ?? '';
  }

  test.each(REFUSED)('of %s is not opened', async (who) => {
    const socket = io(`${house.url}/live`, {
      ...(await shownBy(who)),
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
    });
    const [refused] = await once(socket as unknown as NodeJS.EventEmitter, 'connect_error');
    expect(refused).toMatchObject({ message: 'SIGNED_OUT' });
    socket.close();
  });

  test('hears of its sites alone: alerts, readings, shipments, devices', async () => {
    const lyon = await house.accounts.tokens.create({ name: 'hears-lyon', role: 'quality', sites: ['site:lyon'] });
    const rooms = ['alerts', 'fleet'];
    const [here, everywhere] = [
      await house.watchWith(lyon, ...rooms),
      await house.watchWith(await house.token('dock'), ...rooms),
    ];
    const [heard, all] = [heardBy(here), heardBy(everywhere)];
    for (const some of [of(ZQ7), of(LYON)]) {
      await house.ask('admin', 'POST', `/alerts/${some.alert}/comment`, { comment: 'looked at' });
      await house.ask('admin', 'POST', '/devices', { id: some.device, kind: 'logger', name: 'again', site: some.site });
      await house.ask('admin', 'POST', `/shipments/${some.shipment}/close`, {});
      await house.measure(some.device, [[Date.now(), 5.5]]);
    }
    const said = (events: readonly string[], mark: RegExp) =>
      [...new Set(events.filter((one) => mark.test(one)).map((one) => one.slice(0, one.indexOf(' '))))].sort();
    const awaited = ['alert', 'device', 'readings'];
    const hasAll = (events: readonly string[], mark: RegExp) =>
      awaited.every((kind) => said(events, mark).includes(kind));
    const isAllThere = () => hasAll(heard, /lyon/i) && hasAll(all, MARKS);
    await expect.poll(isAllThere, { message: 'what is pushed' }).toBe(true);
    expect(said(heard, /lyon/i)).toEqual(expect.arrayContaining(awaited));
    expect(said(all, MARKS)).toEqual(expect.arrayContaining(awaited));
    expect(heard.filter((one) => MARKS.test(one))).toEqual([]);
    here.close();
    everywhere.close();
  });

  test('ends when the sites of its user are others, and what is asked from then on is theirs', async () => {
    const { users } = house.accounts;
    await users.create({ name: 'marta', role: 'dock', password: 'demo', sites: ['site:zq7'] });
    const response = await fetch(`${house.url}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'marta', password: 'demo' }),
    });
    expect(await response.json()).toMatchObject({ user: { sites: ['site:zq7'] } });
    const cookie = response.headers.get('set-cookie')?.split(';')[0] ?? '';
    const get = async (path: string) => (await fetch(`${house.url}/api/v1${path}`, { headers: { cookie } })).status;
    const { shipment } = of(ZQ7);
    expect(await get(`/shipments/${shipment}`)).toBe(200);
    const socket = io(`${house.url}/live`, {
      extraHeaders: { cookie },
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
    });
    await once(socket as unknown as NodeJS.EventEmitter, 'connect');
    const ended = once(socket as unknown as NodeJS.EventEmitter, 'disconnect', { signal: AbortSignal.timeout(30_000) });
    await house.ask('admin', 'PUT', '/users/marta', { sites: ['site:lyon'] });
    await ended;
    expect(await get(`/shipments/${shipment}`)).toBe(404);
    expect(await get(`/shipments/${of(LYON).shipment}`)).toBe(200);
  });
});

/** Everything that reaches a socket, each event as its name and what it says. */
function heardBy(socket: Socket): string[] {
  const heard: string[] = [];
  socket.onAny((name: string, event: unknown) => heard.push(`${name} ${JSON.stringify(event)}`));
  return heard;
}
