import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Markets, readinessOf } from '../../partners/index.ts';
import { isotherm } from '../../tests/isotherm-process.ts';
import type { MarketReadinessView, Problem } from '../api/index.ts';
import { Installation } from './testing/installation.ts';

const GTIN = '80614141123458';
const OTHER = '09501101530003';
const PALLET = 'urn:epc:id:sscc:0614141.1234567890';
const DAY = '2026-11-20';
const sgtin = (serial: number) => `urn:epc:id:sgtin:0614141.812345.${serial}`;
const house = await Installation.start();
const dataDir = mkdtempSync(join(tmpdir(), 'isotherm-readiness-'));
afterAll(async () => {
  await house.stop();
  rmSync(dataDir, { recursive: true });
});

beforeAll(async () => {
  await house.ask('admin', 'PUT', '/places/site:lyon', { kind: 'site', name: 'Lyon', zone: 'UTC' });
  const told = { lot: 'A17', expiry: '2031-06-30' };
  const { status, body } = await house.ask('logistics', 'POST', '/shipments', {
    ...{ id: 'SHP-1', profile: '2-8C', origin: 'site:berlin', destination: 'site:lyon' },
    ...{ departs: `${DAY}T08:00:00Z`, arrives: `${DAY}T16:00:00Z`, products: [{ gtin: OTHER, name: 'Placebumab' }] },
    units: [
      {
        ...{ sscc: PALLET, from: `${DAY}T07:00:00Z` },
        children: [{ epc: sgtin(1), ...told }, { epc: sgtin(2), lot: 'A17' }, { epc: sgtin(3) }],
      },
    ],
  });
  expect([status, JSON.stringify(body)]).toEqual([201, expect.anything()]);
  await house.capture({
    ...{ type: 'ObjectEvent', eventTime: `${DAY}T16:00:00Z`, eventTimeZoneOffset: '+00:00', action: 'OBSERVE' },
    ...{ bizStep: 'receiving', bizLocation: { id: 'site:lyon' }, epcList: [PALLET] },
  });
});

const asked = (market: string, query: string) =>
  house.ask('operations', 'GET', `/markets/${market}/readiness?${query}`);
async function readiness(market: string, query: string): Promise<MarketReadinessView> {
  const { status, body } = await asked(market, query);
  expect([status, (body as Problem).detail ?? null]).toEqual([200, null]);
  return body as MarketReadinessView;
}
const lacks = ({ items }: MarketReadinessView) =>
  items.map(({ serial, lacks: all }) => [serial, all.map(({ ai, clause }) => `${ai} ${clause}`)]);
const LAW = '581(14)';

describe('whether goods are ready for a market', () => {
  test('pack by pack of a shipment, with the clause; what is announced without serials and what the transaction lacks', async () => {
    const found = await readiness('us-dscsa', 'shipment=SHP-1');
    expect(lacks(found)).toEqual([
      ['3', [`10 ${LAW}`, `17 ${LAW}`]],
      ['2', [`17 ${LAW}`]],
      ['1', []],
    ]);
    expect(found).toMatchObject({
      ...{ market: 'us-dscsa', subject: 'shipment:SHP-1', packs: 3, lacking: 2, isLacking: true },
      unlisted: [{ gtin: OTHER, name: 'Placebumab' }],
      elsewhere: [],
    });
    expect(found.asked.map(({ ai }) => ai)).toEqual(['01', '21', '10', '17']);
    const lacking = await readiness('us-dscsa', 'shipment=SHP-1&items=lacking');
    expect([lacking.packs, lacks(lacking).map(([serial]) => serial)]).toEqual([3, ['3', '2']]);
  });

  test('of what is at a site now', async () => {
    await expect.poll(async () => (await readiness('us-dscsa', 'site=site:lyon')).packs).toBe(3);
    const found = await readiness('us-dscsa', 'site=site:lyon');
    expect([lacks(found).length, found.lacking, found.transaction, found.unlisted]).toEqual([3, 2, null, []]);
  });

  test('by the law of the day: what began later asks for nothing, what ended asks no more', async () => {
    const before = await readiness('us-dscsa', 'shipment=SHP-1&day=2018-01-01');
    expect([before.asked, before.lacking]).toEqual([[], 0]);
    expect((await readiness('eu-fmd', 'shipment=SHP-1&day=2026-01-01')).lacking).toBe(2);
  });

  test('packs of a product that is meant for another market alone are told apart, and not counted as ready', async () => {
    await house.ask('logistics', 'PUT', `/products/${GTIN}`, { name: 'Examplumab' });
    const assign = (markets: object[]) =>
      house.ask('operations', 'PUT', `/market-assignments/product:${GTIN}`, { markets });
    expect((await assign([{ market: 'brazil', from: '2020-01-01' }])).status).toBe(200);
    const found = await readiness('us-dscsa', 'shipment=SHP-1');
    expect([found.packs, found.elsewhere, found.isLacking]).toEqual([0, [{ gtin: GTIN, packs: 3 }], true]);
    await assign([]);
  });

  test('as CSV and as PDF for an inspector', async () => {
    const get = async (as: string) => {
      const response = await fetch(`${house.url}/api/v1/markets/eu-fmd/readiness?shipment=SHP-1&as=${as}`, {
        headers: { authorization: `Bearer ${await house.token('operations')}` },
      });
      return [response.headers.get('content-type'), Buffer.from(await response.arrayBuffer())] as const;
    };
    const [type, csv] = await get('csv');
    expect([type, csv.toString().split('\r\n').length]).toEqual([expect.stringContaining('text/csv'), 5]);
    expect(csv.toString()).toContain(`,${sgtin(2)},${GTIN},2,A17,,`);
    const [pdfType, pdf] = await get('pdf');
    expect([pdfType, pdf.subarray(0, 5).toString()]).toEqual(['application/pdf', '%PDF-']);
  });

  test.each([
    ['no-market', 'shipment=SHP-1', 404],
    ['us-dscsa', 'shipment=SHP-9', 404],
    ['us-dscsa', 'site=site:nowhere', 404],
    ['us-dscsa', '', 400],
    ['us-dscsa', 'shipment=SHP-1&site=site:lyon', 400],
    ['us-dscsa', 'shipment=SHP-1&day=yesterday', 400],
  ])('%s of %s is refused with %i', async (market, query, status) => {
    expect((await asked(market, query)).status).toBe(status);
  });

  test('the command says the same, without a server', async () => {
    const run = (...args: string[]) =>
      isotherm(['readiness', ...args], { dataDir, env: { DATABASE_URL: house.database.url } });
    const { code, stdout, stderr } = await run('--market', 'us-dscsa', '--shipment', 'SHP-1');
    expect([code, stderr]).toEqual([0, '']);
    expect(lacks(JSON.parse(stdout) as MarketReadinessView)).toHaveLength(3);
    expect(await run('--market', 'us-dscsa')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/expected one of/),
    });
    expect((await run('--shipment', 'SHP-1')).stderr).toMatch(/^isotherm: usage: isotherm readiness/);
  }, 120_000);
});

test('whatever is known of packs, each lacks what a plain look finds', () => {
  const { identifier } = new Markets().get('us-dscsa');
  const told = fc.option(fc.constantFrom('x', 'y'), { nil: null });
  const pack = fc.record({ epc: fc.uuid(), gtin: told, serial: told, lot: told, expiry: told });
  fc.assert(
    fc.property(fc.array(pack, { maxLength: 20 }), (packs) => {
      const found = readinessOf(packs, identifier);
      expect(found).toHaveLength(packs.length);
      for (const one of found) {
        const plain = [one.gtin, one.serial, one.lot, one.expiry].map((value) => value === null);
        expect(one.lacks.map((index) => identifier[index]?.ai)).toEqual(
          ['01', '21', '10', '17'].filter((_, n) => plain[n]),
        );
      }
      const counts = found.map(({ lacks: all }) => all.length);
      expect(counts).toEqual([...counts].sort((one, other) => other - one));
    }),
  );
});
