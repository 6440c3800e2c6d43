import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { systemPart } from '../../../tests/parts.ts';
import { excursionsOf, iso, MINUTE, NOW } from '../testing/excursions.ts';
import { Installation } from '../testing/installation.ts';
import { pdfAFaults } from './testing/pdf-a.ts';
import { fileIn, textOf } from './testing/pdf-content.ts';

const house = await Installation.start();
afterAll(() => house.stop());

const { ask, person, excursion, bySigner, alone, decide, revisionOf } = excursionsOf(house);

async function reportOn(id: string): Promise<Buffer> {
  const response = await fetch(`${house.url}/api/v1/cases/${id}/report.pdf?to=${NOW}`, {
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
