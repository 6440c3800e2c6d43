import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { TransactionRecordView } from '../dashboards/api/index.ts';
import { Installation } from '../dashboards/server/testing/installation.ts';
import { isotherm } from './isotherm-process.ts';

/* An official asks of a pack, a lot, a delivery or a month: one command answers, in whatever form is asked for. */

const GTIN = '80614141123458';
const SHIPMENT = '0614141000012:DEL1';
const PALLET = 'urn:epc:id:sscc:0614141.1234567890';
const serials = [1, 2, 3].map((n) => `urn:epc:id:sgtin:0614141.812345.${n}`);
const at = (clock: string) => ({ eventTime: `2026-11-20T${clock}:00Z`, eventTimeZoneOffset: '+00:00' });
const dataDir = mkdtempSync(join(tmpdir(), 'isotherm-records-'));
let house: Installation;

beforeAll(async () => {
  house = await Installation.start();
  const made = {
    ...{ type: 'ObjectEvent', ...at('06:00'), action: 'ADD', bizStep: 'commissioning', epcList: serials },
    ilmd: { 'cbvmda:lotNumber': 'A17', 'cbvmda:itemExpirationDate': '2031-06-30' },
  };
  const packed = { type: 'AggregationEvent', ...at('07:00'), action: 'ADD', bizStep: 'packing' };
  const shipped = {
    ...{ type: 'ObjectEvent', ...at('08:00'), action: 'OBSERVE', bizStep: 'shipping', epcList: [PALLET] },
    bizTransactionList: [{ type: 'desadv', bizTransaction: `urn:epcglobal:cbv:bt:${SHIPMENT}` }],
    sourceList: [{ type: 'owning_party', source: 'https://id.gs1.org/417/0614141000012' }],
    destinationList: [{ type: 'owning_party', destination: 'https://id.gs1.org/417/4012345000009' }],
  };
  const events = [made, { ...packed, parentID: PALLET, childEPCs: serials }, shipped];
  expect([201, 202]).toContain(await house.capture(...events));
  await vi.waitFor(async () => {
    const { body } = await house.ask('logistics', 'GET', `/transactions?shipment=${SHIPMENT}`);
    expect((body as TransactionRecordView).serials).toBe(3);
  });
}, 240_000);
afterAll(async () => {
  await house.stop();
  rmSync(dataDir, { recursive: true });
});

const run = (...args: string[]) =>
  isotherm(['records', ...args], { dataDir, env: { DATABASE_URL: house.database.url } });
const lot = ['--gtin', GTIN, '--lot', 'A17'];

describe('isotherm records', () => {
  test('says the same of a serial, a lot, a shipment and a period', async () => {
    const ways = [
      ['--gtin', GTIN, '--serial', '2'],
      lot,
      ['--shipment', SHIPMENT],
      ['--from', '2026-11-01T00:00:00Z', '--to', '2026-12-01T00:00:00Z'],
    ];
    const counts: unknown[] = [];
    for (const way of ways) {
      const { code, stdout, stderr } = await run(...way);
      expect([way, code, stderr]).toEqual([way, 0, '']);
      const { items, serials: count } = JSON.parse(stdout) as TransactionRecordView;
      counts.push([items.map(({ shipment }) => shipment), count]);
    }
    expect(counts).toEqual([1, 3, 3, 3].map((count) => [[SHIPMENT], count]));
  }, 300_000);

  test('gives it as EPCIS with the event of the pallet, as PDF, and signed', async () => {
    const epcis = await run('--gtin', GTIN, '--serial', '2', '--format', 'epcis');
    const { epcisBody } = JSON.parse(epcis.stdout) as {
      epcisBody: { queryResults: { resultsBody: { eventList: { bizStep: string }[] } } };
    };
    const steps = epcisBody.queryResults.resultsBody.eventList.map(({ bizStep }) => bizStep);
    expect(steps).toEqual(['commissioning', 'packing', 'shipping']);
    const file = join(dataDir, 'lot.pdf');
    expect(await run(...lot, '--format', 'pdf', '--out', file)).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(readFileSync(file).subarray(0, 5).toString()).toBe('%PDF-');
    const { stdout } = await run(...lot, '--format', 'jws');
    const payload = Buffer.from(stdout.split('.')[1] ?? '', 'base64url').toString();
    expect(JSON.parse(payload)).toMatchObject({ serials: 3, items: [{ shipment: SHIPMENT }] });
  }, 300_000);

  test('in whichever form it was given, that stands in the audit trail with the hash of what was given', async () => {
    const given = async () => {
      const { body } = await house.ask('admin', 'GET', '/audit?action=record.give&limit=100');
      const { items } = body as { items: { subject: string; new: unknown }[] };
      return items.flatMap((one) => (one.subject === `record:serial 3 of ${GTIN}` ? [one.new] : []));
    };
    for (const format of ['json', 'epcis', 'pdf', 'jws']) {
      const file = join(dataDir, `serial.${format}`);
      const { code, stderr } = await run('--gtin', GTIN, '--serial', '3', '--format', format, '--out', file);
      expect([code, stderr]).toEqual([0, '']);
      const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex');
      expect(await given()).toContainEqual({ format, sha256 });
    }
    expect(await given()).toHaveLength(4);
  }, 300_000);

  test('refuses in one line what cannot be asked', async () => {
    const refusals: readonly (readonly [string[], RegExp])[] = [
      [[], /^isotherm: usage: isotherm records --gtin GTIN/],
      [['--gtin', GTIN], /expected one of: gtin and serial; gtin and lot; shipment; from and to/],
      [[...lot, '--shipment', SHIPMENT], /expected one of/],
      [[...lot, '--format', 'xml'], /--format: given "xml", allowed: json, jws, epcis, pdf/],
      [['--from', 'yesterday', '--to', '2026-12-01T00:00:00Z'], /from: /],
      [['--gtin', '123', '--lot', 'A17'], /123/],
    ];
    for (const [args, line] of refusals) {
      const { code, stdout, stderr } = await run(...args);
      expect([args, code, stdout, stderr.trimEnd().split('\n').length]).toEqual([args, 2, '', 1]);
      expect(stderr).toMatch(line);
    }
  }, 300_000);
});
