import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  encodeReadings,
  type Finding,
  READINGS_VERSION,
  ReadingBuilder,
  type Role,
  systemTime,
} from '../../domain/index.ts';
import { SystemMessages } from '../../partners/index.ts';
import { effectsOf, PostgresAuditTrail, QuarantineStore } from '../../storage/index.ts';
import { type AuditEntryView, OPERATIONS, type Operation } from '../api/index.ts';
import { Installation } from './testing/installation.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = Math.floor(Date.now() / MINUTE) * MINUTE;
const iso = (at: number) => new Date(at).toISOString();
const SSCC = 'urn:epc:id:sscc:0614141.1234567890';
const sgtin = (serial: number) => `urn:epc:id:sgtin:0614141.812345.${serial}`;

/** What a writing operation is tried with: somebody who may, a body, and the entry that it must leave. */
interface Trial {
  readonly role?: Role;
  /** In the place of the path's parameters. */
  readonly path?: string | (() => Promise<string>);
  readonly body?: unknown | (() => Promise<unknown>);
  readonly type?: string;
  readonly entry: { readonly action: string; readonly subject: string | RegExp };
}

let house: Installation;
let alert = '';

beforeAll(async () => {
  house = await Installation.start({ areAssistantsOpen: true });
  await house.ask('logistics', 'POST', '/shipments', notice('SHP-BEFORE', SSCC));
  await house.ask('logistics', 'POST', '/shipments', notice('SHP-DAMAGED', 'urn:epc:id:sscc:0614141.1234567891', 21));
  await house.tell({ type: 'epcis', capture: damaged(), by: 'partner' });
  await house.find(EXCURSION);
  const found = async () =>
    ((await house.ask('quality', 'GET', '/alerts')).body as { items: { id: string }[] }).items[0]?.id;
  for (;;) {
    alert = (await found()) ?? '';
    if (alert !== '') break;
  }
});
afterAll(() => house.stop());

function notice(id: string, sscc: string, serial = 1) {
  const units = [{ sscc, devices: [], children: [sgtin(serial), sgtin(serial + 1)], from: iso(NOW - HOUR) }];
  const journey = { departs: iso(NOW), arrives: iso(NOW + HOUR), profile: '2-8C' };
  return { id, ...journey, origin: 'site:berlin', destination: 'site:lyon', products: [], units };
}

function damaged() {
  const time = { eventTime: iso(NOW), eventTimeZoneOffset: '+00:00' };
  const event = { type: 'ObjectEvent', ...time, action: 'OBSERVE', bizStep: 'inspecting', disposition: 'damaged' };
  const head = { id: 'capture-1', at: NOW, errorBehaviour: 'rollback' as const, context: [], refused: [] };
  return { ...head, events: [{ ...event, epcList: [sgtin(21)] }] };
}

const EXCURSION: Finding = {
  ...{ rule: 'too-warm', ruleVersion: 1, kind: 'threshold', severity: 'critical', key: 'logger-7/temperature' },
  ...{ from: NOW - HOUR, to: NOW - MINUTE, endedBy: 'recovery', extreme: 9.1, readings: 8, minutesOutOfRange: 40 },
  ...{ runs: [{ from: NOW - HOUR, to: NOW - MINUTE }], limit: 8, detectedAt: NOW, detectedLate: false },
};
const CERTIFICATE = { number: 'C-4711', laboratory: 'Eichamt Berlin', date: '2026-01-10', due: '2027-01-10' };
const RULE = { id: 'too-cold', kind: 'threshold', metric: 'temperature', below: 2, for: '10m', severity: 'critical' };
const EVENT = {
  ...{ '@context': ['https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld'], type: 'ObjectEvent' },
  ...{ eventTime: iso(NOW), eventTimeZoneOffset: '+00:00', action: 'OBSERVE', bizStep: 'inspecting' },
  epcList: [sgtin(1)],
};
const DOCUMENT = {
  ...{ '@context': EVENT['@context'], type: 'EPCISDocument', schemaVersion: '2.0', creationDate: iso(NOW) },
  epcisBody: { eventList: [{ ...EVENT, '@context': undefined }] },
};
const XML_DOCUMENT = `<e:EPCISDocument xmlns:e="urn:epcglobal:epcis:xsd:1" schemaVersion="1.2" creationDate="${iso(NOW)}"><EPCISBody>
  <EventList><ObjectEvent><eventTime>${iso(NOW)}</eventTime><eventTimeZoneOffset>+00:00</eventTimeZoneOffset><epcList><epc>${sgtin(2)}</epc>
  </epcList><action>OBSERVE</action></ObjectEvent></EventList></EPCISBody></e:EPCISDocument>`;
const LD = 'application/ld+json';
const TRACE_REQUEST = { direction: 'in', partner: 'FDA', official: true, text: 'the transaction history of lot A17' };
/** Of a receiver, in the query of its address. */
const THEIR_KEY = 'a-key-of-theirs';
const PARTNER = {
  name: 'Acme Pharma',
  glns: ['0614141000005'],
  endpoints: { webhook: `http://127.0.0.1:9/hook?key=${THEIR_KEY}` },
};
const at = (path: string) => `/alerts/${alert}${path}`;
const onAlert = (verb: string, body: unknown = {}): Trial => ({
  ...{ role: 'quality', path: async () => at(`/${verb}`), body },
  entry: { action: `alert.${verb}`, subject: /^alert:/ },
});

const THEIR_EXCEPTION = {
  ...{ exception: 'E-9', kind: 'damage', title: 'One case wet' },
  entry: { number: 1, author: 'Ann', text: 'One case is wet.' },
};

/** A file of a partner with which no files are agreed. @returns its number */
async function refusedFile(): Promise<number> {
  await house.ask('admin', 'PUT', '/partners/refused', { name: 'refused' });
  await house.ask('admin', 'POST', '/partners/refused/files', { nothing: 'agreed' });
  const { body } = await house.ask('admin', 'GET', '/partners/refused/files');
  return (body as { items: { id: number }[] }).items[0]?.id ?? 0;
}

/** What opens an exception with a partner that is registered for it. */
async function exceptionWith(partner: string) {
  await house.ask('admin', 'PUT', `/partners/${partner}`, { name: partner, sends: ['answers'] });
  return { kind: 'shortage', partner, title: 'Two short', text: 'We counted 98.' };
}

async function anException(): Promise<string> {
  const { body } = await house.ask('quality', 'POST', '/exceptions', await exceptionWith('someone'));
  return (body as { id: string }).id;
}

/** A case of suspect product at a place of its own. @returns its id */
async function caseAt(place: string): Promise<string> {
  const { body } = await house.ask('quality', 'POST', '/cases', suspicion(place));
  return (body as { id: string }).id;
}

function suspicion(place: string) {
  return { kind: 'suspect product', title: 'The seal is broken', place, reason: 'found at the dock' };
}

const onCase = (verb: string, action: string, body: unknown): Trial => ({
  ...{ role: 'quality', path: async () => `/cases/${await caseAt(`site:${action}`)}/${verb}`, body },
  entry: { action: `case.${action}`, subject: /^case:C-\d{6}$/ },
});

const SYSTEM = 'name: SAP\nin:\n  - { id: order, form: json, makes: $ }\n';

/** A pack of a pharmacy, to be decommissioned. */
async function decommissioned(serial: string): Promise<object> {
  await house.ask('admin', 'PUT', '/places/site:fmd', { name: 'Corner pharmacy', zone: 'Europe/Paris' });
  return { gtin: '80614141123458', serial, place: 'site:fmd', capacity: 'pharmacy', reason: 'supplied' };
}

/** @returns id of its entry */
async function decommissioning(serial: string): Promise<string> {
  const { body } = await house.ask('admin', 'POST', '/decommissionings', await decommissioned(serial));
  return (body as { id: string }).id;
}

/** A file of a system that no mapping read, and that one reads now. @returns its number */
async function unreadFile(): Promise<number> {
  await house.ask('admin', 'PUT', '/erp/systems/sap', { mapping: 'name: SAP' });
  await house.ask('admin', 'POST', '/erp/systems/sap/files', { kind: 'order', number: '2', lines: [] });
  await house.ask('admin', 'PUT', '/erp/systems/sap', { mapping: SYSTEM });
  const { body } = await house.ask('admin', 'GET', '/erp/systems/sap/files?limit=1');
  return (body as { items: readonly { id: number }[] }).items[0]?.id ?? 0;
}

/** A message to a system that was given up. @returns its id */
async function givenUpMessage(): Promise<string> {
  const { database } = house;
  const messages = new SystemMessages({ audit: new PostgresAuditTrail({ database }), database, time: systemTime });
  const subject = { system: 'sap', entry: 'received', subject: 'shipment:SHP-1' };
  await messages.put({ ...subject, said: '{}', mediaType: 'application/json', body: () => '{}' });
  const [message] = await messages.of('sap');
  await messages.failed(message?.id ?? '', 'answered 410', null);
  return message?.id ?? '';
}

async function knownPortal(): Promise<string> {
  const antennas = [{ reader: 'reader-9', antenna: 1 }];
  const portal = { inside: 'room:lyon/dock', outside: 'site:lyon', antennas };
  const { status } = await house.ask('operations', 'PUT', '/portals/dock-9', portal);
  expect(status).toBe(200);
  return 'dock-9';
}

async function screenCode(): Promise<string> {
  const { body } = await house.ask('admin', 'POST', `/portals/${await knownPortal()}/screens`);
  return (body as { code: string }).code;
}

async function revisionOf(id: string): Promise<number> {
  const { body } = await house.ask('logistics', 'GET', `/shipments/${id}`);
  return (body as { revision: number }).revision;
}

/** Puts a reading of two years ago into quarantine. @returns its id */
async function waiting(position: number): Promise<string> {
  const payload = Buffer.from(`{"time":"${iso(NOW - 730 * 24 * HOUR)}","temperature":5}`).toString('base64');
  const topic = 'isotherm/v1/devices/stored-1/readings';
  const entry = { arrival: NOW, source: 'stored-1', topic, reason: 'TIME_TOO_OLD', detail: 'too old', payload };
  const store = new QuarantineStore({ database: house.database });
  await house.database.transaction((client) =>
    store.keep(effectsOf(client), [{ ...entry, partition: 0, position, index: 0 }]),
  );
  return `0.${position}.0`;
}
const onWaiting = (verb: 'adopt' | 'discard', position: number, ofSource: boolean): Trial => ({
  role: 'operations',
  path: async () => {
    const id = await waiting(position);
    return ofSource ? `/quarantine/${verb}?source=stored-1` : `/quarantine/${id}/${verb}`;
  },
  body: { reason: 'a stored logger' },
  entry: { action: `quarantine.${verb}`, subject: 'device:stored-1' },
});

/** A message that was given up. @returns its id */
async function givenUp(id: string): Promise<string> {
  await house.database.query(
    `INSERT INTO outbox (id, event, type, alert_id, channel, body, created_at, next_attempt_at, dead_at)
     VALUES ($1, 'e', 'alert.opened', 'a-1', 'ops', '{}', now(), now(), now())`,
    [id],
  );
  return id;
}

/** A subscription that was given up. @returns its id */
async function endedSubscription(): Promise<string> {
  const { rows } = await house.database.query<{ id: string }>(
    `INSERT INTO epcis_subscriptions (id, query, dest, report_if_empty, initial_record_time, created_at, created_by, actor,
       arrival, batch, next_at, ended_at, ended_because)
     VALUES (gen_random_uuid()::text, 'shipped', 'https://example.com/hook', false, 0, 0, 'erp', 'token:1', 0, 100, 0, 1,
       'answered 410') RETURNING id`,
  );
  return rows[0]?.id ?? '';
}

/** Readings that a consumer could not take. @returns the number of their record */
async function deadReadings(position: number): Promise<number> {
  const builder = new ReadingBuilder();
  builder.add('logger-9', 1, NOW, 5);
  const { rows } = await house.database.query<{ id: number }>(
    `INSERT INTO log_dead (consumer, family, partition, position, kind, version, source, arrival, reason, payload, at)
     VALUES ('writer', 'readings', 0, $1, 'readings', $2, 'mqtt', $3, 'X', $4, $3) RETURNING id`,
    [position, READINGS_VERSION, NOW, encodeReadings(builder.view())],
  );
  return rows[0]?.id ?? 0;
}

/** Of each writing operation, in this order. */
const TRIALS: Readonly<Record<string, Trial>> = {
  'post /assistants/tools/:tool': {
    ...{ path: '/assistants/tools/list_rules', body: { arguments: {} } },
    entry: { action: 'assistant.ask', subject: 'assistant:list_rules' },
  },
  'put /shipments/:id/transaction': {
    ...{ path: '/shipments/SHP-BEFORE/transaction', body: { seller: 'own' } },
    entry: { action: 'transaction.state', subject: 'shipment:SHP-BEFORE' },
  },
  'post /returns': {
    body: async () => {
      await house.ask('admin', 'PUT', '/organisation', { name: 'Nordwind', gln: '0614141000012', zone: 'UTC' });
      return { gtin: '80614141123458', serial: '1', lot: 'A17', expiry: '2031-06-30' };
    },
    entry: { action: 'return.verify', subject: 'pack:80614141123458.1' },
  },
  'post /decommissionings': {
    body: async () => decommissioned('1'),
    entry: { action: 'pack.decommission', subject: 'pack:80614141123458.1' },
  },
  'post /decommissionings/:id/revert': {
    path: async () => `/decommissionings/${await decommissioning('2')}/revert`,
    body: { place: 'site:fmd', capacity: 'pharmacy', isDeclared: true },
    entry: { action: 'pack.revert', subject: 'pack:80614141123458.2' },
  },
  'put /decommissionings/:id/printed': {
    path: async () => `/decommissionings/${await decommissioning('3')}/printed`,
    body: { serial: '3', lot: 'A17', expiry: '310630' },
    entry: { action: 'pack.compare', subject: 'pack:80614141123458.3' },
  },
  'post /decommissioning-answers': {
    body: async () => {
      const entry = await decommissioning('4');
      return { answers: [{ entry, code: 'NMVS_SUCCESS', at: new Date(systemTime.now()).toISOString() }] };
    },
    entry: { action: 'pack.national-answer', subject: 'pack:80614141123458.4' },
  },
  'put /verification-directory/:key': {
    ...{ path: '/verification-directory/0614141', body: { responder: `https://vrs.example/?key=${THEIR_KEY}` } },
    entry: { action: 'directory.change', subject: 'directory:0614141' },
  },
  'delete /verification-directory/:key': {
    path: async () => {
      await house.ask('admin', 'PUT', '/verification-directory/0614142', {
        responder: `https://vrs.example/?key=${THEIR_KEY}`,
      });
      return '/verification-directory/0614142';
    },
    entry: { action: 'directory.remove', subject: 'directory:0614142' },
  },
  'post /exceptions': {
    ...{ body: () => exceptionWith('open-here'), entry: { action: 'exception.open', subject: /^exception:E-/ } },
  },
  'post /exceptions/:id/entries': {
    path: async () => `/exceptions/${await anException()}/entries`,
    ...{ body: { text: 'found behind the door' }, entry: { action: 'exception.say', subject: /^exception:E-/ } },
  },
  'post /exceptions/:id/tell': {
    path: async () => {
      const id = await anException();
      const endpoints = { webhook: 'http://127.0.0.1:1/hook' };
      await house.ask('admin', 'PUT', '/partners/someone', { name: 'someone', sends: ['answers'], endpoints });
      return `/exceptions/${id}/tell`;
    },
    entry: { action: 'exception.tell', subject: /^exception:E-/ },
  },
  'post /exceptions/:id/links': {
    path: async () => `/exceptions/${await anException()}/links`,
    body: { recipient: 'Ann', endsAt: iso(NOW + 24 * HOUR) },
    entry: { action: 'exception.share', subject: /^exception:E-/ },
  },
  'post /partners/:id/exceptions': {
    path: async () => {
      await exceptionWith('teller');
      return '/partners/teller/exceptions';
    },
    body: { type: 'exception.opened', data: THEIR_EXCEPTION },
    entry: { action: 'exception.open', subject: /^exception:E-/ },
  },
  'post /partners/:id/files': {
    path: async () => {
      await house.ask('admin', 'PUT', '/partners/dropper', { name: 'dropper', sends: ['files'] });
      return '/partners/dropper/files';
    },
    ...{ body: DOCUMENT, type: LD, entry: { action: 'partner.file', subject: 'partner:dropper' } },
  },
  'post /partners/:id/files/:file/again': {
    path: async () => `/partners/refused/files/${await refusedFile()}/again`,
    entry: { action: 'partner.file', subject: 'partner:refused' },
  },
  'put /partners/:id': {
    ...{ path: '/partners/acme', body: PARTNER },
    entry: { action: 'partner.change', subject: 'partner:acme' },
  },
  'post /partners/:id/test': {
    path: '/partners/acme/test',
    entry: { action: 'partner.test', subject: 'partner:acme' },
  },
  'post /partners/:id/tokens': {
    ...{ path: '/partners/acme/tokens', body: { name: 'acme-erp' } },
    entry: { action: 'token.create', subject: 'token:acme-erp' },
  },
  'delete /partners/:id/tokens/:name': {
    path: '/partners/acme/tokens/acme-erp',
    entry: { action: 'token.revoke', subject: 'token:acme-erp' },
  },
  'delete /partners/:id': {
    path: '/partners/acme',
    entry: { action: 'partner.remove', subject: 'partner:acme' },
  },
  'put /erp/systems/:id': {
    ...{ path: '/erp/systems/sap', body: { mapping: SYSTEM } },
    entry: { action: 'system.change', subject: 'system:sap' },
  },
  'post /erp/systems/:id/files': {
    ...{ path: '/erp/systems/sap/files', body: { kind: 'order', number: '1', lines: [] } },
    entry: { action: 'system.file', subject: 'system:sap' },
  },
  'post /erp/systems/:id/files/:file/again': {
    path: async () => `/erp/systems/sap/files/${await unreadFile()}/again`,
    entry: { action: 'system.file', subject: 'system:sap' },
  },
  'post /erp/systems/:id/messages/:message/again': {
    path: async () => `/erp/systems/sap/messages/${await givenUpMessage()}/again`,
    entry: { action: 'system.tell-again', subject: 'system:sap' },
  },
  'delete /erp/systems/:id': {
    path: '/erp/systems/sap',
    entry: { action: 'system.remove', subject: 'system:sap' },
  },
  'put /channels/:id': {
    ...{ path: '/channels/ops', body: { url: 'http://127.0.0.1:9/hook' } },
    entry: { action: 'channel.change', subject: 'channel:ops' },
  },
  'post /channels/:id/test': {
    path: '/channels/ops/test',
    entry: { action: 'channel.test', subject: 'channel:ops' },
  },
  'delete /channels/:id': {
    path: '/channels/ops',
    entry: { action: 'channel.remove', subject: 'channel:ops' },
  },
  'put /routing': {
    ...{ role: 'operations', path: '/routing' },
    body: async () => {
      await house.ask('admin', 'PUT', '/channels/told', { url: 'http://127.0.0.1:9/hook' });
      return { text: 'route: { name: all, to: [{ channel: told }] }', reason: 'a first routing' };
    },
    entry: { action: 'routing.change', subject: 'routing:own' },
  },
  'post /undelivered/:id/send-again': {
    ...{ role: 'operations', path: async () => `/undelivered/${await givenUp('x.ops')}/send-again` },
    entry: { action: 'message.send-again', subject: 'alert:a-1' },
  },
  'post /undelivered/:id/discard': {
    ...{ role: 'operations', path: async () => `/undelivered/${await givenUp('y.ops')}/discard` },
    body: { reason: 'told by phone' },
    entry: { action: 'message.discard', subject: 'alert:a-1' },
  },
  'post /dead-records/:id/replay': {
    ...{ role: 'operations', path: async () => `/dead-records/${await deadReadings(701)}/replay` },
    entry: { action: 'record.replay', subject: /^record:\d+$/ },
  },
  'post /dead-records/:id/discard': {
    ...{ role: 'operations', path: async () => `/dead-records/${await deadReadings(702)}/discard` },
    body: { reason: 'nobody needs it' },
    entry: { action: 'record.discard', subject: /^record:\d+$/ },
  },
  'put /organisation': {
    body: { name: 'Nordwind Pharma', zone: 'Europe/Berlin' },
    entry: { action: 'organisation.change', subject: 'organisation:own' },
  },
  'put /setup/:step': {
    ...{ path: '/setup/people', body: { skipped: true } },
    entry: { action: 'setup.skip', subject: 'setup:people' },
  },
  'post /products': {
    ...{ role: 'quality', type: 'text/csv', body: 'gtin,name\n4012345000009,Salve\n' },
    entry: { action: 'product.register', subject: 'product:04012345000009' },
  },
  'post /shipments': {
    ...{ role: 'logistics', body: notice('SHP-NEW', 'urn:epc:id:sscc:0614141.1234567892', 31) },
    entry: { action: 'shipment.announce', subject: 'shipment:SHP-NEW' },
  },
  'post /cases': {
    ...{ role: 'quality', body: suspicion('site:lyon') },
    entry: { action: 'case.open', subject: /^case:C-\d{6}$/ },
  },
  'post /cases/:id/close': onCase('close', 'close', { reason: 'nothing was found' }),
  'post /cases/:id/assign': onCase('assign', 'assign', { to: null }),
  'post /cases/:id/comments': onCase('comments', 'comment', { text: 'seen' }),
  'post /cases/:id/tasks': onCase('tasks', 'task', { text: 'ask the carrier' }),
  'post /cases/:id/tasks/:number/done': {
    role: 'quality',
    path: async () => {
      const id = await caseAt('site:done');
      await house.ask('quality', 'POST', `/cases/${id}/tasks`, { text: 'ask the carrier' });
      return `/cases/${id}/tasks/1/done`;
    },
    ...{ body: {}, entry: { action: 'case.task-done', subject: /^case:C-\d{6}$/ } },
  },
  'post /cases/:id/attachments': {
    ...onCase('attachments', 'attach', null),
    body: () => {
      const form = new FormData();
      form.append('file', new Blob(['the seal']), 'seal.txt');
      return Promise.resolve(form);
    },
  },
  'post /cases/:id/trace-requests': onCase('trace-requests', 'trace-request', TRACE_REQUEST),
  'post /cases/:id/trace-requests/:number/answer': {
    role: 'quality',
    path: async () => {
      const id = await caseAt('site:trace-answer');
      await house.ask('quality', 'POST', `/cases/${id}/trace-requests`, TRACE_REQUEST);
      return `/cases/${id}/trace-requests/1/answer`;
    },
    body: { answer: 'sent by mail' },
    entry: { action: 'case.trace-answer', subject: /^case:C-\d{6}$/ },
  },
  'post /cases/:id/finding': onCase('finding', 'finding', { illegitimate: true, reason: 'the maker says so' }),
  'post /cases/:id/clocks/:clock/done': onCase('clocks/dscsa.quarantine/done', 'clock', { reason: 'in the cage' }),
  'post /shipments/:id/close': {
    ...{ role: 'operations', path: '/shipments/SHP-BEFORE/close' },
    entry: { action: 'shipment.close', subject: 'shipment:SHP-BEFORE' },
  },
  'post /shipments/:id/corrections': {
    ...{ role: 'logistics', path: '/shipments/SHP-DAMAGED/corrections' },
    body: async () => ({
      revision: await revisionOf('SHP-DAMAGED'),
      reason: 'wrong lane',
      lane: 'berlin-lyon by rail',
    }),
    entry: { action: 'shipment.correct', subject: 'shipment:SHP-DAMAGED' },
  },
  'post /shipments/:id/cancel': {
    ...{ role: 'logistics', path: '/shipments/SHP-NEW/cancel' },
    body: async () => ({ revision: await revisionOf('SHP-NEW'), reason: 'the order was cancelled' }),
    entry: { action: 'shipment.cancel', subject: 'shipment:SHP-NEW' },
  },
  'post /shipments/:id/reinstate': {
    ...{ role: 'logistics', path: '/shipments/SHP-NEW/reinstate' },
    body: async () => ({ revision: await revisionOf('SHP-NEW'), reason: 'it was not' }),
    entry: { action: 'shipment.reinstate', subject: 'shipment:SHP-NEW' },
  },
  'post /shipments/:id/attachments': {
    ...{ role: 'dock', path: '/shipments/SHP-DAMAGED/attachments' },
    body: async () => {
      await house.ask('operations', 'POST', '/devices', { id: 'logger-21' });
      return { device: 'logger-21', unit: 'urn:epc:id:sscc:0614141.1234567891', reason: 'packed with it' };
    },
    entry: { action: 'device.attach', subject: 'device:logger-21' },
  },
  'post /shipments/:id/counts': {
    ...{ role: 'dock', path: '/shipments/SHP-DAMAGED/counts' },
    body: { unit: 'urn:epc:id:sscc:0614141.1234567891', found: [sgtin(21)] },
    entry: { action: 'unit.count', subject: 'unit:urn:epc:id:sscc:0614141.1234567891' },
  },
  'post /shipments/:id/reconciliation/settle': {
    ...{ role: 'dock', path: '/shipments/SHP-DAMAGED/reconciliation/settle' },
    body: async () => {
      const { body } = await house.ask('dock', 'GET', '/shipments/SHP-DAMAGED/reconciliation');
      const lines = (body as { lines: { id: string }[] }).lines.map(({ id }) => id);
      return { lines, how: 'scan', reason: 'only the outer box' };
    },
    entry: { action: 'difference.settle', subject: 'shipment:SHP-DAMAGED' },
  },
  'post /portals/:id/screens': {
    ...{ role: 'admin', path: async () => `/portals/${await knownPortal()}/screens` },
    entry: { action: 'screen.invite', subject: /^portal:/ },
  },
  'post /screens': {
    role: 'admin',
    path: '/screens',
    body: async () => ({ code: await screenCode() }),
    entry: { action: 'token.create', subject: /^token:screen-/ },
  },
  'post /quarantine/adopt': onWaiting('adopt', 901, true),
  'post /quarantine/discard': onWaiting('discard', 902, true),
  'post /quarantine/:id/adopt': onWaiting('adopt', 903, false),
  'post /quarantine/:id/discard': onWaiting('discard', 904, false),
  'put /products/:gtin': {
    ...{ role: 'quality', path: '/products/80614141123458', body: { name: 'Examplumab', profile: '2-8C' } },
    entry: { action: 'product.register', subject: 'product:80614141123458' },
  },
  'put /products/:gtin/label': {
    ...{ path: '/products/80614141123458/label', body: { ndc: '0143-9296-01', strength: '500 mg' } },
    entry: { action: 'product.label', subject: 'product:80614141123458' },
  },
  'put /setup-purpose': {
    ...{ role: 'admin', path: '/setup-purpose', body: { for: 'everything' } },
    entry: { action: 'setup.purpose', subject: 'organisation:own' },
  },
  'put /market-assignments/:subject': {
    ...{
      path: '/market-assignments/product:80614141123458',
      body: { markets: [{ market: 'eu-fmd', from: '2019-02-09' }] },
    },
    entry: { action: 'market.set', subject: 'product:80614141123458' },
  },
  'post /verifications': {
    ...{ role: 'dock', body: { gtin: '80614141123458', serial: '1' } },
    entry: { action: 'pack.verify', subject: /^(serial|pack):/ },
  },
  'post /devices': {
    ...{ role: 'operations', body: { id: 'logger-9', kind: 'logger', name: 'Nine' } },
    entry: { action: 'device.register', subject: 'device:logger-9' },
  },
  'post /devices.csv': {
    ...{ role: 'operations', type: 'text/csv', body: 'id,name\nlogger-31,Thirty-one\n' },
    entry: { action: 'device.register', subject: 'device:logger-31' },
  },
  'post /devices/:id/calibrations': {
    ...{ role: 'quality', path: '/devices/logger-9/calibrations' },
    body: { offset: -0.3, certificate: CERTIFICATE, reason: 'yearly calibration' },
    entry: { action: 'device.calibrate', subject: 'device:logger-9' },
  },
  'post /logger-files': {
    role: 'dock',
    body: () => {
      const form = new FormData();
      form.append('zone', 'UTC');
      form.append('device', 'logger-9');
      form.append('file', new Blob([`Time;Temperature °C\n${iso(NOW - HOUR)};5.1\n`]), 'logger-9.csv');
      return Promise.resolve(form);
    },
    entry: { action: 'logger-file.take', subject: 'device:logger-9' },
  },
  'put /logger-file-mappings/:name': {
    ...{ role: 'dock', path: '/logger-file-mappings/truck', body: { dateOrder: 'dmy' } },
    entry: { action: 'logger-file.mapping', subject: 'mapping:truck' },
  },
  'put /holds/:subject': {
    ...{ role: 'quality', path: '/holds/device:logger-9', body: { reason: 'complaint 4711' } },
    entry: { action: 'hold.set', subject: 'device:logger-9' },
  },
  'post /holds/:subject/release': {
    ...{ role: 'quality', path: '/holds/device:logger-9/release', body: { reason: 'closed without finding' } },
    entry: { action: 'hold.release', subject: 'device:logger-9' },
  },
  'put /places/:id': {
    ...{ role: 'operations', path: '/places/site:lyon' },
    body: { kind: 'site', name: 'Lyon', parent: null, zone: 'Europe/Paris' },
    entry: { action: 'place.register', subject: 'place:site:lyon' },
  },
  'put /portals/:id': {
    ...{ role: 'operations', path: '/portals/dock-1' },
    body: {
      name: 'Dock 1',
      inside: 'site:lyon',
      outside: 'site:lyon',
      site: 'site:lyon',
      antennas: [{ reader: 'reader-1', antenna: 1, side: null }],
      triggers: [],
    },
    entry: { action: 'portal.register', subject: 'portal:dock-1' },
  },
  'put /rules/:id': {
    ...{ role: 'quality', path: '/rules/too-cold', body: RULE },
    entry: { action: 'rule.change', subject: 'rule:too-cold' },
  },
  'delete /rules/:id': {
    ...{ role: 'quality', path: '/rules/too-cold' },
    entry: { action: 'rule.remove', subject: 'rule:too-cold' },
  },
  'post /alerts/:id/comment': onAlert('comment', { comment: 'the door was open' }),
  'post /alerts/:id/assign': onAlert('assign', { to: 'quentin' }),
  'post /alerts/:id/snooze': onAlert('snooze', { until: iso(NOW + HOUR) }),
  'post /alerts/actions': {
    ...{ role: 'quality', path: '/alerts/actions' },
    body: async () => ({ action: 'assign', alerts: [{ id: alert }], to: 'paula', reason: 'on duty' }),
    entry: { action: 'alert.assign', subject: /^alert:/ },
  },
  'post /alerts/:id/escalate': {
    ...onAlert('escalate'),
    path: async () => {
      await house.database.query(
        `INSERT INTO alert_notices (alert, channel, person, step, route, why, due_at)
         SELECT number, 'ops', 'ben', 'escalation 1', 'all', 'nobody acknowledged', now() + interval '1 h'
         FROM alerts WHERE id = $1`,
        [alert],
      );
      return at('/escalate');
    },
  },
  'post /alerts/:id/acknowledge': onAlert('acknowledge'),
  'post /alerts/:id/resolve': onAlert('resolve', { reason: 'looked at' }),
  'post /alerts/:id/reopen': onAlert('reopen', { reason: 'not yet' }),
  'post /silences': {
    ...{ role: 'operations', path: '/silences' },
    body: { match: { site: ['site:lyon'] }, reason: 'maintenance', until: iso(NOW + HOUR) },
    entry: { action: 'silence.add', subject: 'silence:1' },
  },
  'post /silences/:id/end': {
    ...{ role: 'operations', path: '/silences/1/end' },
    entry: { action: 'silence.end', subject: 'silence:1' },
  },
  'post /readings/set-aside': {
    role: 'quality',
    body: { device: 'logger-9', metric: 'temperature', from: iso(NOW - HOUR), to: iso(NOW), reason: 'a broken probe' },
    entry: { action: 'readings.set-aside', subject: 'device:logger-9' },
  },
  'post /readings/restore': {
    role: 'quality',
    body: { device: 'logger-9', metric: 'temperature', from: iso(NOW - HOUR), to: iso(NOW), reason: 'it was right' },
    entry: { action: 'readings.restore', subject: 'device:logger-9' },
  },
  'post /users': {
    body: { name: 'rita', role: 'dock', password: 'purple monkey dishwasher' },
    entry: { action: 'user.create', subject: 'user:rita' },
  },
  'put /users/:name': {
    ...{ path: '/users/rita', body: { role: 'logistics' } },
    entry: { action: 'user.role', subject: 'user:rita' },
  },
  'post /users/:name/reset-factor': {
    path: '/users/rita/reset-factor',
    entry: { action: 'factor.reset', subject: 'user:rita' },
  },
  'delete /users/:name': { path: '/users/rita', entry: { action: 'user.delete', subject: 'user:rita' } },
  'put /roles/:name': {
    ...{ path: '/roles/packer', body: { permissions: ['records.read', 'unit.count'] } },
    entry: { action: 'role.create', subject: 'role:packer' },
  },
  'delete /roles/:name': { path: '/roles/packer', entry: { action: 'role.delete', subject: 'role:packer' } },
  'post /tokens': { body: { name: 'erp', role: 'logistics' }, entry: { action: 'token.create', subject: 'token:erp' } },
  'delete /tokens/:name': { path: '/tokens/erp', entry: { action: 'token.revoke', subject: 'token:erp' } },
  'post /credentials': {
    body: { id: 'gate-1', kind: 'gateway', speaksFor: ['reader-1'] },
    entry: { action: 'credential.create', subject: 'credential:gate-1' },
  },
  'put /credentials/:id': {
    ...{ path: '/credentials/gate-1', body: { speaksFor: ['reader-1', 'reader-2'] } },
    entry: { action: 'credential.change', subject: 'credential:gate-1' },
  },
  'post /credentials/:id/rotate': {
    path: '/credentials/gate-1/rotate',
    entry: { action: 'credential.rotate', subject: 'credential:gate-1' },
  },
  'delete /credentials/:id': {
    path: '/credentials/gate-1',
    entry: { action: 'credential.revoke', subject: 'credential:gate-1' },
  },
  'post /epcis/v2/capture': {
    ...{ role: 'logistics', path: '/epcis/v2/capture', body: DOCUMENT, type: LD },
    entry: { action: 'events.capture', subject: /^capture:/ },
  },
  'post /epcis/v1/capture': {
    ...{ role: 'logistics', path: '/epcis/v1/capture', body: XML_DOCUMENT, type: 'text/xml' },
    entry: { action: 'events.capture', subject: /^capture:/ },
  },
  'post /epcis/v2/events': {
    ...{ role: 'logistics', path: '/epcis/v2/events', body: EVENT, type: LD },
    entry: { action: 'events.capture', subject: /^capture:/ },
  },
  'post /epcis/v2/queries': {
    ...{ role: 'logistics', path: '/epcis/v2/queries', body: { name: 'shipped', query: { EQ_bizStep: ['shipping'] } } },
    entry: { action: 'epcis-query.create', subject: 'epcis-query:shipped' },
  },
  'post /epcis/v2/queries/:name/subscriptions': {
    ...{ role: 'logistics', path: '/epcis/v2/queries/shipped/subscriptions' },
    body: { dest: `https://example.com/hook?key=${THEIR_KEY}`, stream: true },
    entry: { action: 'epcis-subscription.create', subject: /^epcis-subscription:/ },
  },
  'delete /epcis/v2/queries/:name/subscriptions/:id': {
    role: 'logistics',
    path: async () => {
      const { rows } = await house.database.query<{ id: string }>('SELECT id FROM epcis_subscriptions');
      return `/epcis/v2/queries/shipped/subscriptions/${rows[0]?.id}`;
    },
    entry: { action: 'epcis-subscription.remove', subject: /^epcis-subscription:/ },
  },
  'post /ended-subscriptions/:id/resume': {
    ...{ role: 'logistics', path: async () => `/ended-subscriptions/${await endedSubscription()}/resume` },
    entry: { action: 'epcis-subscription.resume', subject: /^epcis-subscription:/ },
  },
  'post /ended-subscriptions/:id/discard': {
    ...{ role: 'operations', path: async () => `/ended-subscriptions/${await endedSubscription()}/discard` },
    body: { reason: 'they have another system now' },
    entry: { action: 'epcis-subscription.remove', subject: /^epcis-subscription:/ },
  },
  'delete /epcis/v2/queries/:name': {
    ...{ role: 'logistics', path: '/epcis/v2/queries/shipped' },
    entry: { action: 'epcis-query.remove', subject: 'epcis-query:shipped' },
  },
};

/** Writing operations that decide nothing, or whose entry is tried elsewhere, each with the reason. */
const EXCUSED: Readonly<Record<string, string>> = {
  'post /epcis/v1/query': 'a query in XML decides nothing; to subscribe by it is tried in tests/epcis-xml.test.ts',
  'post /cases/:id/decisions/draft': 'shows what would be signed; nothing is decided',
  'post /cases/:id/decisions/:number/challenge': 'asks for a challenge; nothing is decided',
  'post /cases/:id/steps/draft': 'shows what would be signed; nothing is decided',
  'post /cases/:id/steps/:number/undo/draft': 'shows what would be signed; nothing is decided',
  'post /cases/:id/decisions': 'signed by a person, never by a token: tried in case-decisions.test.ts',
  'post /cases/:id/dispositions': 'the same as deciding, by another name',
  'post /cases/:id/decisions/:number/signatures':
    'signed by a person, never by a token: tried in case-decisions.test.ts',
  'post /audit/reviews/draft': 'shows what would be signed; nothing is signed',
  'post /alerts/:id/verdicts/draft': 'shows what would be signed; tried in alert-verdicts.test.ts',
  'post /alerts/:id/verdicts': 'signed by a person, never by a token: tried in alert-verdicts.test.ts',
  'post /cases/:id/steps': 'signed by a person, never by a token: tried in case-steps.test.ts',
  'post /cases/:id/steps/:number/undo': 'signed by a person, never by a token: tried in case-steps.test.ts',
  'post /cases/:id/mentions/seen': 'of a person who is mentioned, never of a token: tried in case-work.test.ts',
  'post /session/passkeys/options': 'asks for a challenge; nothing is decided',
  'post /session/passkeys': 'of a person who signed in, not of a token: tried in passkeys.test.ts',
  'put /session/passkeys/:id': 'of a person who signed in, not of a token: tried in passkeys.test.ts',
  'delete /session/passkeys/:id': 'of a person who signed in, not of a token: tried in passkeys.test.ts',
  'post /session/passkey/options': 'asks for a challenge; nothing is decided',
  'post /session/passkey': 'signing in: tried in passkeys.test.ts',
  'put /own-notices': 'of a person who signed in, not of a token: tried in own-notices.test.ts',
  'post /own-notices/:channel/address': 'of a person who signed in, not of a token: tried in own-notices.test.ts',
  'delete /own-notices/:channel/address': 'of a person who signed in, not of a token: tried in own-notices.test.ts',
  'post /own-notices/:channel/code': 'of a person who signed in, not of a token: tried in own-notices.test.ts',
  'post /own-notices/:channel/test': 'leaves channel.test: tried in own-notices.test.ts',
  'post /shipments/:id/shares': 'of a person who signed in, not of a token: tried in shares.test.ts',
  'put /shipments/:id/shares/:share': 'tried in shares.test.ts',
  'delete /shipments/:id/shares/:share': 'tried in shares.test.ts',
  'post /exceptions/:id/files': 'leaves exception.say: tried in exceptions.test.ts',
  'delete /exceptions/:id/links/:link': 'tried in exceptions.test.ts',
  'post /answer/:token/entries': 'by a link, not by an account: tried in exceptions.test.ts',
  'post /answer/:token/files': 'by a link, not by an account: tried in exceptions.test.ts',
  'post /answer/:token/visits': 'by a link, not by an account: tried in exceptions.test.ts',
  'post /shared/:token/visits': 'by a link, not by an account: tried in shares.test.ts',
  'put /me/settings': 'of a person who signed in, not of a token: tried in page-settings.test.ts',
  'put /me/hints/:hint': 'of a person who signed in, not of a token: tried in page-settings.test.ts',
  'put /me/shipment-views/:name': 'of a person who signed in, not of a token: tried in page-settings.test.ts',
  'delete /me/shipment-views/:name': 'of a person who signed in, not of a token: tried in page-settings.test.ts',
  'delete /me/hints': 'of a person who signed in, not of a token: tried in page-settings.test.ts',
  'post /push-subscriptions': 'of a person who signed in, not of a token: tried in page-push.test.ts',
  'post /push-subscriptions/:id/test': 'leaves channel.test: tried in page-push.test.ts',
  'delete /push-subscriptions/:id': 'of a person who signed in, not of a token: tried in page-push.test.ts',
  'post /session/totp': 'of a person who signed in, not of a token: tried in second-factor.test.ts',
  'post /session/totp/confirm': 'of a person who signed in, not of a token: tried in second-factor.test.ts',
  'post /session/totp/recovery-codes': 'of a person who signed in, not of a token: tried in second-factor.test.ts',
  'post /session/totp/remove': 'of a person who signed in, not of a token: tried in second-factor.test.ts',
  'post /audit/reviews': 'of a person who signed in, not of a token: tried in audit-reviews.test.ts',
  'post /readers/:reader/test': 'watches; nothing is decided',
  'post /practice': 'of a person who signed in, not of a token: tried in tests/practice.test.ts',
  'delete /practice': 'of a person who signed in, not of a token: tried in tests/practice.test.ts',
  'post /practice/entries': 'of a person who signed in, not of a token: tried in tests/practice.test.ts',
  'post /session/practice': 'signing in at the practice site: tried in tests/practice.test.ts',
  'post /setup/admin': 'while there is no user: tried in setup.test.ts',
  'post /session': 'signing in: tried with the room of people',
  'delete /session': 'signing out: tried with the room of people',
  'put /session/password': 'of a person who signed in, not of a token: tried with the room of people',
  'delete /sessions/:id': 'of a person who signed in, not of a token: tried with the room of people',
  'post /credentials/:id/confirm': 'a change of whom it speaks for: credential.change, tried with the room of people',
  'post /credentials/:id/refuse': 'a change of whom it speaks for: credential.change, tried with the room of people',
  'post /mcp': 'the same calls by another protocol: tried in assistants.test.ts',
  'post /messages/explain': 'asks what a message would give; nothing is decided',
  'post /webhooks/sms': 'acknowledges as a person by a PIN: tried in sms-answers.test.ts',
  'post /webhooks/:dialect': 'measurements of machines, kept as they came; nobody decides anything',
  'post /api/v2/write': 'measurements of machines, kept as they came; nobody decides anything',
  'post /erp/systems/:id/dry-run': 'asks what a file would become; nothing is kept',
  'post /shipments/check': 'asks what a notice would make; nothing is decided',
  'post /logger-files/rows': 'shows the rows of a file; nothing is kept',
  'post /devices/:id/swap': 'leaves two entries, one of each device: tried in devices.test.ts',
  'post /routing/trial': 'asks who would be told; nothing is decided',
  'post /rules/draft': 'shows what a text would be; nothing is decided',
  'post /routing/draft': 'shows what a text would be; nothing is decided',
  'post /rules/backtest': 'asks what rules would find; nothing is decided',
  'post /passes/:id/reconciliation/settle': 'the same command as for a shipment',
  'post /passes/:id/photos': 'needs a pass: settling.test.ts tries it, with its entry',
  'post /passes/:id/damages': 'needs a pass: settling.test.ts tries it, with its entry',
};

const writing = OPERATIONS.filter(({ method }) => method !== 'get');
const nameOf = ({ method, base, path }: Operation) => `${method} ${base ?? ''}${path}`;

test('every operation that writes is tried here, or excused with a reason', () => {
  const untried = writing.map(nameOf).filter((name) => !(name in TRIALS) && !(name in EXCUSED));
  expect(untried).toEqual([]);
});

test('every operation that takes a key is tried with one here, but for those that settling.test.ts tries', () => {
  const keyed = OPERATIONS.filter(({ takesKey }) => takesKey === true).map(nameOf);
  expect(keyed.length).toBeGreaterThan(10);
  expect(keyed.filter((name) => !(name in TRIALS))).toEqual([
    'post /passes/:id/reconciliation/settle',
    'post /passes/:id/damages',
  ]);
});

describe('whatever somebody decides leaves one entry', () => {
  test.each(Object.keys(TRIALS))('%s', async (name) => {
    const trial = TRIALS[name];
    if (trial === undefined) throw new Error(`no trial of ${name}`);
    const { role = 'admin', type = 'application/json', entry } = trial;
    const [method = '', template = ''] = name.split(' ');
    const path = typeof trial.path === 'function' ? await trial.path() : (trial.path ?? template);
    const body = typeof trial.body === 'function' ? await trial.body() : trial.body;
    const { action } = entry;
    const entries = async () =>
      (
        (await house.ask('quality', 'GET', `/audit?limit=1000&actor=test-${role}&action=${action}`)).body as {
          items: AuditEntryView[];
        }
      ).items;
    const token = await house.token(role);
    const before = new Set((await entries()).map(({ id }) => id));
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const key = writing.find((one) => nameOf(one) === name)?.takesKey === true ? randomUUID() : null;
    const response = await fetch(`${house.url}${path.startsWith('/epcis') ? '' : '/api/v1'}${path}`, {
      method: method.toUpperCase(),
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && !(body instanceof FormData) && { 'content-type': type }),
        ...(key !== null && { 'idempotency-key': key }),
      },
      ...(body !== undefined && { body: body instanceof FormData ? body : text }),
    });
    // 202: told, and worked in when the tracer comes to it; the entry is there already.
    expect([response.status, await response.text()]).toEqual([
      expect.toBeOneOf([200, 201, 202, 204]),
      expect.anything(),
    ]);
    if (key !== null) {
      // Who asks again after a kill is told of what was made: without its mark it would be made twice (decision 0206).
      const { rows } = await house.database.query('SELECT made FROM answered_requests WHERE key = $1', [key]);
      expect(rows, 'it marks what it makes with its key').toEqual([{ made: expect.any(String) }]);
    }
    const left = (await entries()).filter(({ id }) => !before.has(id));
    expect(left).toEqual([
      expect.objectContaining({
        action,
        subject: typeof entry.subject === 'string' ? entry.subject : expect.stringMatching(entry.subject),
        actor: { id: expect.stringMatching(/^token:\d+$/), name: `test-${role}`, kind: 'token' },
        origin: { via: 'http', address: expect.stringContaining('127.0.0.1') },
      }),
    ]);
  });
});

test('an entry says what was before: of a device registered again, the registration before', async () => {
  const register = (name: string) => house.ask('operations', 'POST', '/devices', { id: 'twice', kind: 'logger', name });
  await register('One');
  await register('Two');
  const { items } = (await house.ask('admin', 'GET', '/audit?subject=device:twice&limit=1')).body as {
    items: AuditEntryView[];
  };
  expect(items).toMatchObject([{ old: { name: 'One' }, new: { name: 'Two' } }]);
});

test('no key that stands in the query of an address is written down for good', async () => {
  const { rows } = await house.database.query<{ entry: string }>(
    'SELECT row_to_json(a)::text AS entry FROM audit_entries a',
  );
  const about = rows.filter(({ entry }) => /example.com\/hook|vrs.example|127.0.0.1:9\/hook/.test(entry));
  expect(about.length).toBeGreaterThan(4);
  expect(about.filter(({ entry }) => entry.includes(THEIR_KEY))).toEqual([]);
});

test('who decided what is for quality and admin; others are refused', async () => {
  for (const role of ['logistics', 'dock', 'operations'] as const) {
    expect((await house.ask(role, 'GET', '/audit')).status).toBe(403);
  }
  expect((await house.ask(null, 'GET', '/audit')).status).toBe(401);
  expect((await house.ask('quality', 'GET', '/audit?cursor=x')).status).toBe(400);
});

test('the address that a decision came from is not kept with the fact, where it could not be erased', async () => {
  const { rows } = await house.database.query<{ fact: string }>('SELECT fact::text AS fact FROM facts');
  expect(rows.length).toBeGreaterThan(0);
  expect(rows.filter(({ fact }) => fact.includes('127.0.0.1'))).toEqual([]);
});
