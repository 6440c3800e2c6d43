import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { systemPart } from '../../../tests/parts.ts';
import { Installation } from '../testing/installation.ts';
import { pdfAFaults } from './testing/pdf-a.ts';
import { fileIn, textOf } from './testing/pdf-content.ts';

const HOUR = 3_600_000;
const MINUTE = 60_000;
const NOW = Date.UTC(2026, 10, 20, 12);
const iso = (at: number) => new Date(at).toISOString();
const PALLET = 'urn:epc:id:sscc:0614141.1234567890';
const sgtin = (serial: number) => `urn:epc:id:sgtin:0614141.812345.${serial}`;
const SERIAL = `/serials/${encodeURIComponent(sgtin(1_001))}/report.pdf?to=${NOW}`;
const SHIPMENT = `/shipments/SHP-77/report.pdf?to=${NOW}`;
/** Words that a document of Latin letters cannot all show, and that XML would read. */
const PROGRESS = '0b0c5a4e-61f4-4c0e-9d0a-3a4c1f0a77aa';
const HARD_NAME = 'Lumen & <Söhne> 株式会社 🧊';

let house: Installation;
beforeAll(async () => {
  house = await Installation.start();
  await house.ask('admin', 'PUT', '/organisation', { name: HARD_NAME, zone: 'Europe/Berlin' });
  await house.ask('admin', 'POST', '/devices', { id: 'logger-7', kind: 'logger', interval: '5m', profile: '2-8C' });
  await house.ask('admin', 'POST', '/shipments', {
    ...{ id: 'SHP-77', profile: '2-8C', origin: 'site:berlin', destination: 'site:lyon' },
    ...{ departs: iso(NOW - 24 * HOUR), arrives: iso(NOW) },
    units: [
      {
        ...{ sscc: PALLET, devices: ['logger-7'], from: iso(NOW - 25 * HOUR) },
        children: Array.from({ length: 300 }, (_, i) => sgtin(1_000 + i)),
      },
    ],
    products: [{ gtin: '80614141123458', name: `Examplumab ${HARD_NAME}`, lot: 'A17', expiry: '2027-06-30' }],
  });
  await vi.waitFor(async () => expect((await house.ask('dock', 'GET', '/shipments/SHP-77')).status).toBe(200), 60_000);
  await house.measure('logger-7', readings());
  await house.find({
    ...{ rule: 'too-warm', ruleVersion: 1, kind: 'threshold', severity: 'critical', key: 'logger-7/temperature' },
    ...{ from: NOW - 16 * HOUR, to: NOW - 14 * HOUR, endedBy: 'recovery', extreme: 9.5, readings: 24, limit: 8 },
    runs: [{ from: NOW - 16 * HOUR, to: NOW - 14 * HOUR }],
    ...{ minutesOutOfRange: 120, detectedAt: NOW - 15 * HOUR, detectedLate: false },
  });
}, 180_000);
afterAll(() => house.stop());

/** Every five minutes for a day: two hours too warm, then one hour of a broken sensor, then two hours of silence. */
function readings(): [number, number][] {
  const all: [number, number][] = [];
  for (let at = NOW - 24 * HOUR; at < NOW; at += 5 * MINUTE) {
    const hour = (at - NOW) / HOUR + 24;
    if (hour >= 15 && hour < 17) continue;
    if (hour >= 8 && hour < 10) all.push([at, 9.5]);
    else all.push([at, hour >= 12 && hour < 13 ? 85 : 5]);
  }
  return all;
}

async function fetched(path: string, role: 'quality' | 'dock' = 'quality') {
  const response = await fetch(`${house.url}/api/v1${path}`, {
    headers: { authorization: `Bearer ${await house.token(role)}` },
  });
  return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
}

const REPORTS = [
  ['a shipment', SHIPMENT],
  ['a device', '/devices/logger-7/report.pdf?unit=F&zone=America/New_York'],
  ['a serial', SERIAL],
] as const;

describe.each(REPORTS)('the report on %s', (_, path) => {
  test('holds to what PDF/A-3b demands, whatever people and products are called', async () => {
    const { status, headers, bytes } = await fetched(path);
    expect([status, headers.get('content-type')]).toEqual([200, 'application/pdf']);
    expect(pdfAFaults(bytes)).toEqual([]);
  });

  test('has no fault that qpdf finds', async ({ skip }) => {
    const qpdf = systemPart('qpdf');
    if (qpdf === null) return skip('qpdf is not installed');
    const folder = mkdtempSync(join(tmpdir(), 'isotherm-report-'));
    try {
      const file = join(folder, 'report.pdf');
      writeFileSync(file, (await fetched(path)).bytes);
      expect(execFileSync(qpdf, ['--check', file], { encoding: 'utf8' })).toContain(
        'No syntax or stream encoding errors',
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('is the same bytes each time somebody asks for the same', async () => {
    const [one, other] = [await fetched(path), await fetched(path)];
    expect(other.bytes.equals(one.bytes)).toBe(true);
  });
});

test('a file that breaks PDF/A is found to break it', async () => {
  const { bytes } = await fetched(SHIPMENT);
  const broken = (from: string, to: string) =>
    pdfAFaults(Buffer.from(bytes.toString('latin1').replace(from, to), 'latin1'));
  expect(broken('/AFRelationship /Data', '/AFRelationship /Dada')[0]).toMatch(/^6\.8: .* what it is for/);
  expect(broken('<pdfaid:part>3<', '<pdfaid:part>2<')[0]).toMatch(/^6\.6\.4/);
  expect(broken('/S /GTS_PDFA1', '/S /GTS_PDFX1')[0]).toMatch(/^6\.2\.3/);
  expect(broken('/FontFile2', '/FontFile9')[0]).toMatch(/^6\.2\.11\.4\.1/);
  expect(broken('/Root', '/Encrypt 1 0 R /Root')).toContain('6.1.3: no encryption');
  expect(broken('</rdf:RDF>', '</rdf:RD >')).toContain('6.6.2.1: metadata are XML');
});

test('the figures are those of the readings: what a broken sensor said and what nobody measured are in none of them', async () => {
  const { bytes } = await fetched(SHIPMENT);
  const { range, records, alerts } = JSON.parse(fileIn(bytes, 'report.json'));
  expect(range).toEqual({ from: iso(NOW - 24 * HOUR), to: iso(NOW), isOpen: false });
  const [figures] = records;
  expect(records).toHaveLength(1);
  // 24 h of a reading each 5 min, without 2 h of silence; 1 h of 85 °C is no measurement.
  expect(figures).toMatchObject({ device: 'logger-7', readings: 252, suspect: 12, min: 5, max: 9.5 });
  expect(figures.mean).toBeCloseTo((24 * 9.5 + 228 * 5) / 252, 9);
  expect(figures).toMatchObject({ minutesAbove: 120, minutesBelow: 0 });
  // Silence and the last reading's own five minutes; of the last one nothing says how long it held.
  expect(figures.minutesUnknown).toBe(125 + 5);
  expect(figures.minutesSuspect).toBe(65);
  expect(alerts.map(({ kind }: { kind: string }) => kind)).toEqual(['threshold']);
  expect(fileIn(bytes, 'readings.csv').trim().split('\r\n')).toHaveLength(265);
  expect(fileIn(bytes, 'readings.csv')).toContain('85,85,ERROR_CODE');
  expect(fileIn(bytes, 'serials.csv').trim().split('\r\n')).toHaveLength(301);
});

test('people read it in their zone and unit, with every serial, who decided, and what cannot be shown marked as such', async () => {
  const text = await textOf((await fetched(`${SHIPMENT}&zone=Europe/Berlin&unit=F`)).bytes);
  expect(text).toContain('Calculation range 2026-11-19 13:00:00 +01:00 to 2026-11-20 13:00:00 +01:00');
  expect(text).toContain('35.6 °F to 46.4 °F');
  expect(text).toContain('lot A17, expiry 2027-06-30');
  for (let i = 0; i < 300; i++) expect(text).toContain(String(1_000 + i));
  expect(text).toContain('shipment.announce');
  expect(text).toContain('Examplumab Lumen & <Söhne> \u{FFFD}');
});

test('who may not read the audit trail gets a report without it, and it says so', async () => {
  const { bytes } = await fetched(SHIPMENT, 'dock');
  const text = await textOf(bytes);
  expect(text).not.toContain('shipment.announce');
  expect(text).toContain('may not read the audit trail');
  expect(JSON.parse(fileIn(bytes, 'report.json'))).not.toHaveProperty('audit');
});

test('a shipment under way says that its range is not its end', async () => {
  const text = await textOf((await fetched('/shipments/SHP-77/report.pdf')).bytes);
  expect(text).toContain('Still under way: calculated up to');
});

test('a range that ends before it begins, a zone of nowhere and a language that is not there are refused', async () => {
  const refused = async (query: string) => {
    const { status, bytes } = await fetched(`/shipments/SHP-77/report.pdf?${query}`);
    return [status, JSON.parse(bytes.toString()).code];
  };
  expect(await refused(`from=${NOW}&to=${NOW}`)).toEqual([400, 'QUERY_INVALID']);
  expect(await refused('zone=Mars/Olympus')).toEqual([400, 'QUERY_INVALID']);
  expect(await refused('language=tlh')).toEqual([400, 'QUERY_INVALID']);
  expect((await fetched('/shipments/SHP-NONE/report.pdf')).status).toBe(404);
});

test('ten thousand serials are all in one report', async () => {
  const children = Array.from({ length: 10_000 }, (_, i) => sgtin(50_000 + i));
  const announced = await house.ask('admin', 'POST', '/shipments', {
    ...{ id: 'SHP-10K', profile: '2-8C', origin: 'site:berlin', destination: 'site:lyon' },
    ...{ departs: iso(NOW - 24 * HOUR), arrives: iso(NOW), products: [] },
    units: [
      { sscc: 'urn:epc:id:sscc:0614141.1234567899', devices: ['logger-9'], from: iso(NOW - 25 * HOUR), children },
    ],
  });
  expect(announced.status).toBeLessThan(300);
  await vi.waitFor(async () => expect((await house.ask('dock', 'GET', '/shipments/SHP-10K')).status).toBe(200), 60_000);
  // How far it is can be asked by who asked for it, while it is made.
  const progress = `/reports/progress/${PROGRESS}`;
  await house.token('quality');
  const making = fetched(`/shipments/SHP-10K/report.pdf?to=${NOW}&progress=${PROGRESS}`);
  const seen: { done: number; of: number }[] = [];
  await vi.waitFor(
    async () => {
      const { status, body } = await house.ask('quality', 'GET', progress);
      expect(status).toBe(200);
      const step = body as { done: number; of: number };
      seen.push(step);
      expect(step.done).toBeGreaterThan(0);
    },
    { interval: 5 },
  );
  for (const { done, of } of seen) expect([of === 0 || of >= 10_000, done <= of]).toEqual([true, true]);
  expect((await house.ask('dock', 'GET', progress)).status).toBe(404);
  const { bytes } = await making;
  expect(await house.ask('quality', 'GET', progress)).toMatchObject({ status: 404, body: { code: 'REPORT_UNKNOWN' } });
  const text = await textOf(bytes);
  for (const i of [0, 4_321, 9_999]) expect(text).toContain(String(50_000 + i));
  expect(fileIn(bytes, 'serials.csv').trim().split('\r\n')).toHaveLength(10_001);
  expect(pdfAFaults(bytes)).toEqual([]);
}, 120_000);

test('the report on a case says what the goods went through, what is proposed and why, and that nobody has decided', async () => {
  // What has arrived is judged up to then; what has not, up to now, and then no two looks are alike.
  await house.database.query("UPDATE shipments SET received_at = $1 WHERE id = 'SHP-77'", [NOW]);
  const opened = async () => {
    const { rows } = await house.database.query<{ number: number }>(
      `SELECT c.number FROM cases c JOIN case_serials s ON s.case_number = c.number
       WHERE c.shipment = 'SHP-77' GROUP BY c.number HAVING count(*) = 300`,
    );
    return rows[0]?.number ?? expect.fail('the alert has not opened its case with all serials yet');
  };
  const path = `/cases/C-${String(await vi.waitFor(opened, 30_000)).padStart(6, '0')}/report.pdf?to=${NOW}`;
  const { status, bytes } = await fetched(path);
  expect(status, bytes.toString('latin1', 0, 300)).toBe(200);
  expect(pdfAFaults(bytes)).toEqual([]);
  expect((await fetched(path)).bytes.equals(bytes)).toBe(true);
  const text = await textOf(bytes);
  expect(text).toContain('Nobody has decided yet.');
  expect(text).toMatch(/Group A, 300 serials/);
  expect(JSON.parse(fileIn(bytes, 'report.json')).groups[0].epcs).toHaveLength(300);
  expect((await fetched(`${path}&revision=99`)).status).toBe(409);
  expect((await fetched('/cases/C-999999/report.pdf')).status).toBe(404);
});
