import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, expect, test, vi } from 'vitest';

import { systemPart } from '../../../tests/parts.ts';
import { excursionsOf, iso, MINUTE, NOW } from '../testing/excursions.ts';
import { Installation, TOO_WARM } from '../testing/installation.ts';
import { pdfAFaults } from './testing/pdf-a.ts';
import { fileIn, textOf } from './testing/pdf-content.ts';

const house = await Installation.start();
await house.tell({ type: 'rule', version: TOO_WARM, by: 'paula' });
afterAll(() => house.stop());

const { ask, person, excursion, bySigner, alone, decide, revisionOf } = excursionsOf(house);

async function reportOn(id: string, query = ''): Promise<Buffer> {
  const response = await fetch(`${house.url}/api/v1/cases/${id}/report.pdf?to=${NOW}${query}`, {
    headers: { authorization: `Bearer ${await house.token('quality')}` },
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  expect(response.status, bytes.toString('latin1', 0, 300)).toBe(200);
  return bytes;
}

/** A case of goods of worth that one person let go and, where there is one, another signed too. */
async function released(isSignedByTwo: boolean) {
  await house.ask('quality', 'PUT', '/products/80614141999992', { name: 'Dear', profile: '2-8C', valueClass: 5 });
  const [lot, one, two] = [await excursion({ gtin: '899999' }), await person(), await person()];
  const step = { step: 'excuse', alert: lot.alert };
  const stepped = {
    revision: await revisionOf(lot.id),
    reason: 'door stood open',
    step,
    signature: bySigner(one.name),
  };
  expect((await ask('POST', `/cases/${lot.id}/steps`, stepped, one.cookie)).status).toBe(201);
  const { status, body } = await decide(lot, one.cookie, alone, { disposition: 'release' });
  expect([status, body]).toMatchObject([201, { needsSecond: true }]);
  if (isSignedByTwo) {
    const signature = { ...bySigner(two.name), meaning: 'checked and approved' };
    const path = `/cases/${lot.id}/decisions/1/signatures`;
    expect((await ask('POST', path, { signature }, two.cookie)).status).toBe(201);
  }
  return { lot, one, two };
}

interface Signed {
  readonly name: string;
  readonly at: string;
  readonly meaning: string;
  readonly recordHash: string;
}

test('the report on a case that two have signed prints the decision, both signatures with name, time and meaning, and the hash of what they signed', async () => {
  const { lot, one, two } = await released(true);
  const bytes = await reportOn(lot.id);
  expect(pdfAFaults(bytes)).toEqual([]);
  const { body } = await ask('GET', `/cases/${lot.id}/decisions/1/record`, undefined, one.cookie);
  const [decision] = (JSON.parse(fileIn(bytes, 'report.json')) as { decisions: { signatures: Signed[] }[] }).decisions;
  const signatures = decision?.signatures ?? [];
  expect(signatures).toMatchObject([
    { name: one.name, role: 'quality', meaning: 'decided after review of the evidence', recordHash: body.recordHash },
    { name: two.name, role: 'quality', meaning: 'checked and approved', recordHash: body.recordHash },
  ]);
  const text = await textOf(bytes);
  expect(text).toContain('Decision 1 release: 3 serials');
  for (const { name, at, meaning } of signatures) {
    const second = `${at.slice(0, 10)} ${at.slice(11, 19)} +00:00`;
    expect(text).toContain(`Signed ${name} (quality), ${second}: ${meaning}`);
  }
  expect(text.replaceAll(' ', '')).toContain(`RecordSHA-256${body.recordHash}`);
  expect(text).not.toContain('not in force');
  expect(text).not.toContain('Nobody has decided yet');
});

test('the report on a case that waits for its second signer says that nothing is in force', async () => {
  const { lot } = await released(false);
  const text = await textOf(await reportOn(lot.id));
  expect(text).toContain('It is not in force: a second person has to sign it.');
});

test('the report on a case that was decided again says which decision was superseded, and by which', async () => {
  const { lot, two } = await released(true);
  expect((await decide(lot, two.cookie, alone, { disposition: 'quarantine' })).status).toBe(201);
  const text = await textOf(await reportOn(lot.id));
  expect(text).toContain('Decision 2 quarantine: 3 serials');
  expect(text).toContain('Superseded by decision 2.');
});

test('the report on a case whose record was changed in the database says so', async () => {
  const { lot } = await released(true);
  await house.database.query(
    `UPDATE case_decisions SET record = replace(record, 'too warm', 'all well') WHERE case_number = $1`,
    [Number(lot.id.slice(2))],
  );
  expect(await textOf(await reportOn(lot.id))).toContain('The record was changed after it was signed');
});

test('the report on a case says what each step is about, and which was taken back', async () => {
  const [lot, one] = [await excursion(), await person()];
  const span = { device: lot.device, from: iso(NOW - 90 * MINUTE), to: iso(NOW - 80 * MINUTE) };
  const step = { step: 'exclude', ...span };
  const asked = { revision: await revisionOf(lot.id), reason: 'at the bench', step, signature: bySigner(one.name) };
  expect((await ask('POST', `/cases/${lot.id}/steps`, asked, one.cookie)).status).toBe(201);
  const undo = { revision: await revisionOf(lot.id), reason: 'not so', signature: alone };
  expect((await ask('POST', `/cases/${lot.id}/steps/1/undo`, undo, one.cookie)).status).toBe(201);
  const text = await textOf(await reportOn(lot.id));
  const time = (at: string) => `${at.slice(0, 10)} ${at.slice(11, 19)} +00:00`;
  expect(text).toContain(`exclude ${lot.device}, ${time(span.from)} to ${time(span.to)}: at the bench`);
  expect(text).toContain('Taken back by step 2.');
});

test('the report on a case tells every revision of its findings with when and why, and the rules in force, each with its leaf in the ledger', async () => {
  const lot = await excursion();
  const finding = await house.findingOf(`${lot.device}/temperature`);
  const longer = { ...finding, extreme: 9.7, to: (finding.to ?? 0) + 5 * MINUTE, minutesOutOfRange: 45 };
  await house.find(longer, 'extended', 'readings came late');
  const none = { ...finding, from: finding.from - 20 * MINUTE, to: finding.from - 15 * MINUTE };
  await house.find(none, 'opened');
  await house.find(none, 'retracted', 'readings were set aside');
  const bytes = await reportOn(lot.id);
  expect(pdfAFaults(bytes)).toEqual([]);
  const { findings, rules } = JSON.parse(fileIn(bytes, 'report.json')) as {
    findings: { event: string; reason: string | null; finding: object }[];
    rules: object[];
  };
  expect(findings.map(({ event, reason }) => [event, reason])).toEqual([
    ['opened', null],
    ['extended', 'readings came late'],
    ['opened', null],
    ['retracted', 'readings were set aside'],
  ]);
  expect(findings[1]?.finding).toMatchObject({ ruleVersion: 1, extreme: 9.7, minutesOutOfRange: 45 });
  expect(rules).toMatchObject([{ id: 'too-warm', version: 1, rule: { kind: 'threshold', above: 8 } }]);
  const proven = fileIn(bytes, 'ledger.jsonl')
    .split('\n')
    .flatMap((line) => (line.includes('{') ? [JSON.parse(line) as { index?: number; entry?: string }] : []))
    .filter(({ entry = '' }) => /"kind":"(finding|rule-version)"/.test(entry));
  expect(proven).toHaveLength(5);
  const text = await textOf(bytes);
  expect(text).toContain('Findings and their revisions');
  expect(text).toContain('readings were set aside');
  expect(text).toContain('Rules in force');
  expect(text).toContain('Temperature above 8 °C for 10 minutes or longer');
  for (const { index } of proven) expect(text).toMatch(new RegExp(`\\b${index}\\b`));
  // Alert and case follow the finding.
  await vi.waitFor(
    async () => expect((await reportOn(lot.id)).equals(await reportOn(lot.id)), 'the same bytes').toBe(true),
    30_000,
  );
});

test('the report on a decided case has no fault that qpdf finds', async ({ skip }) => {
  const qpdf = systemPart('qpdf');
  if (qpdf === null) return skip('qpdf is not installed');
  const folder = mkdtempSync(join(tmpdir(), 'isotherm-report-'));
  try {
    const file = join(folder, 'report.pdf');
    writeFileSync(file, await reportOn((await released(true)).lot.id));
    expect(execFileSync(qpdf, ['--check', file], { encoding: 'utf8' })).toContain(
      'No syntax or stream encoding errors',
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

const IN_LANGUAGES = [
  [
    'de',
    'Fall',
    'Entscheidung 1 freigeben: 3 Seriennummern',
    '9,1',
    'Es musste zwischen 2 und 8 °C bleiben.',
    'über 8 °C seit 40 min',
  ],
  [
    'fr',
    'Dossier',
    'Décision 1 libérer : 3 numéros de série',
    '9,1',
    'Il devait rester entre 2 et 8 °C.',
    'au-dessus de 8 °C depuis 40 min',
  ],
  [
    'es',
    'Caso',
    'Decisión 1 liberar: 3 números de serie',
    '9,1',
    'Debía permanecer entre 2 y 8 °C.',
    'por encima de 8 °C durante 40 min',
  ],
  [
    'pl',
    'Sprawa',
    'Decyzja 1 zwolnić: 3 numery seryjne',
    '9,1',
    'Temperatura miała pozostać między 2 a 8 °C.',
    'powyżej 8 °C przez 40 min',
  ],
] as const;
const EVIDENCE_IN = {
  de: 'Temperatur über 8 °C für 10 Minuten',
  fr: 'Température au-dessus de 8 °C pendant 10 minutes',
  es: 'Temperatura por encima de 8 °C durante 10 minutos',
  pl: 'Temperatura powyżej 8 °C przez 10 minut',
};

test('the report on a case is written in the languages of its readers, in their zone and unit, and stays PDF/A', async () => {
  const { lot } = await released(true);
  for (const [language, title, decision, figure, reason, summary] of IN_LANGUAGES) {
    const bytes = await reportOn(lot.id, `&language=${language}`);
    expect(pdfAFaults(bytes), language).toEqual([]);
    const text = await textOf(bytes);
    expect(text).toContain(`${title} ${lot.id}`);
    for (const said of [decision, figure, reason, summary, EVIDENCE_IN[language]])
      expect(text, language).toContain(said);
    // What was signed is said as it was signed.
    expect(text).toContain('checked and approved');
    // Data are the same in every language.
    expect(JSON.parse(fileIn(bytes, 'report.json')).decisions[0].disposition).toBe('release');
  }
  const inFahrenheit = await textOf(await reportOn(lot.id, '&language=de&unit=F&zone=Europe/Berlin'));
  for (const said of ['48,38 °F', 'Es musste zwischen 35,6 und 46,4 °F bleiben.', 'über 46,4 °F seit 40 min']) {
    expect(inFahrenheit).toContain(said);
  }
});

async function given(path: string, role: 'quality' | 'dock' = 'quality') {
  const response = await fetch(`${house.url}/api/v1${path}`, {
    headers: { authorization: `Bearer ${await house.token(role)}` },
  });
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
}

test('the report on a case is there as a table: what each serial went through, what was decided, and by whom', async () => {
  const { lot, one, two } = await released(true);
  const { type, text } = await given(`/cases/${lot.id}/report.csv`);
  expect(type).toBe('text/csv; charset=utf-8; header=present');
  const rows = parse(text, { columns: true }) as unknown as Record<string, string>[];
  expect(rows.map(({ epc }) => epc)).toEqual([...lot.serials].sort());
  for (const row of rows) {
    expect(row).toMatchObject({ group: 'A', max_c: '9.1', minutes_above: '40', decision: '1', disposition: 'release' });
    expect(row).toMatchObject({ reason: 'too warm', signed_by: `${one.name}; ${two.name}` });
  }
  expect((await given('/cases/C-999999/report.csv')).status).toBe(404);
  const shipment = parse((await given(`/shipments/${lot.shipment}/report.csv`)).text, { columns: true });
  expect(shipment).toMatchObject(lot.serials.toSorted().map((epc) => ({ epc, alerts: lot.alert })));
  expect((await given('/shipments/SHP-NONE/report.csv')).status).toBe(404);
});

test('the report on a case is there as EPCIS: the events about its serials, the same document each time', async () => {
  const { lot } = await released(true);
  const asked = async (path: string) => {
    const { type, text } = await given(path);
    return { type, text, events: JSON.parse(text).epcisBody.queryResults.resultsBody.eventList as object[] };
  };
  const path = `/cases/${lot.id}/report.epcis.json`;
  const { type, text } = await vi.waitFor(async () => {
    const found = await asked(path);
    expect(found.events.length, 'events about the serials').toBeGreaterThan(0);
    return found;
  });
  expect(type).toBe('application/ld+json; charset=utf-8');
  expect(JSON.parse(text)).toMatchObject({ type: 'EPCISQueryDocument', schemaVersion: '2.0' });
  expect(lot.serials.some((epc) => text.includes(epc))).toBe(true);
  // What ships is the pallet: the event names nothing that is in it.
  const { rows } = await house.database.query<{ unit: string }>(
    'SELECT DISTINCT unit FROM case_serials WHERE epc = ANY ($1) AND unit IS NOT NULL',
    [lot.serials],
  );
  const [unit] = rows.map((row) => row.unit);
  const time = { eventTime: iso(NOW), eventTimeZoneOffset: '+00:00' };
  const shipped = { type: 'ObjectEvent', ...time, action: 'OBSERVE', bizStep: 'shipping', epcList: [unit] };
  const head = { id: 'capture-unit', at: NOW, errorBehaviour: 'rollback' as const, context: [], refused: [] };
  await house.tell({ type: 'epcis', capture: { ...head, events: [shipped] }, by: 'partner' });
  await vi.waitFor(async () => {
    expect((await asked(path)).events).toContainEqual(
      expect.objectContaining({ epcList: [unit], bizStep: 'shipping' }),
    );
  });
  expect((await given('/cases/C-999999/report.epcis.json')).status).toBe(404);
  expect((await asked(`/shipments/${lot.shipment}/report.epcis.json`)).events.length).toBeGreaterThan(0);
});

test('what was signed at an earlier revision is printed as it was signed, with its proof, whatever was decided since', async () => {
  const { lot, one, two } = await released(true);
  const { body } = await ask('GET', `/cases/${lot.id}`, undefined, one.cookie);
  const { revision, decisions } = body as { revision: number; decisions: readonly { revision: number }[] };
  const signed = decisions[0]?.revision ?? 0;
  expect(signed).toBeLessThan(revision);
  expect((await decide(lot, two.cookie, alone, { disposition: 'quarantine', reason: 'second thoughts' })).status).toBe(
    201,
  );
  const bytes = await reportOn(lot.id, `&revision=${signed}`);
  expect(pdfAFaults(bytes)).toEqual([]);
  const text = await textOf(bytes);
  expect(text).toContain(`This is what was signed at revision ${signed}`);
  expect(text).toContain('Decision 1 release: 3 serials');
  expect(text).toContain('Superseded by decision 2.');
  expect(text).not.toContain('second thoughts');
  expect(JSON.parse(fileIn(bytes, 'report.json')).records[0].serials.epcs).toEqual(lot.serials.toSorted());
  expect((await reportOn(lot.id, `&revision=${signed}`)).equals(bytes)).toBe(true);
  expect(fileIn(bytes, 'issued.json')).toContain('"format":"isotherm-issued-1"');
  const refused = await given(`/cases/${lot.id}/report.pdf?revision=${revision + 50}`);
  expect([refused.status, refused.text]).toEqual([409, expect.stringContaining(`what was signed: ${signed}`)]);
});
