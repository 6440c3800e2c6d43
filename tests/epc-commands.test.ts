import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isotherm } from './isotherm-process.ts';

let dataDir = '';
beforeAll(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'isotherm-epc-'));
});
afterAll(() => rmSync(dataDir, { recursive: true }));

const run = async (...words: string[]) => {
  const { code, stdout, stderr } = await isotherm(words, { dataDir });
  const lines = stdout.split('\n').filter((line) => line !== '');
  return { code, lines: lines.map((line) => JSON.parse(line)), stderr };
};

test('epc says each input in every form, names a bad one, and goes on', async () => {
  const { code, lines } = await run('epc', '3074257BF7194E4000001A85', 'not-an-epc', '(01)80614141123458(21)6789');
  expect(code).toBe(1);
  expect(lines[0]).toEqual({
    ...{ input: '3074257BF7194E4000001A85', scheme: 'sgtin-96', hex: '3074257BF7194E4000001A85', bits: 96, filter: 3 },
    tagUri: 'urn:epc:tag:sgtin-96:3.0614141.812345.6789',
    ...{ pureUri: 'urn:epc:id:sgtin:0614141.812345.6789', companyPrefix: '0614141', gtin: '80614141123458' },
    ...{ serial: '6789', elementString: '(01)80614141123458(21)6789' },
    digitalLink: 'https://id.gs1.org/01/80614141123458/21/6789',
  });
  expect(lines[1]).toEqual({ input: 'not-an-epc', error: expect.stringContaining('not-an-epc: hex, tag URI') });
  // It does not say how long its company prefix is, nor the filter.
  expect(lines[2]).not.toHaveProperty('pureUri');
  expect(lines[2]).not.toHaveProperty('hex');
});

test('epc takes from its options what an input does not say', async () => {
  const { code, lines } = await run('epc', '--company-prefix-length=7', '--filter=3', '(01)80614141123458(21)6789');
  expect(code).toBe(0);
  expect(lines[0]).toMatchObject({ hex: '3074257BF7194E4000001A85', pureUri: 'urn:epc:id:sgtin:0614141.812345.6789' });
  expect(await run('epc', '--filter=8', 'AB')).toMatchObject({ code: 2, lines: [] });
});

test('epcis check says of each file whether it is valid, or where it is not', async () => {
  const event = {
    '@context': 'https://ref.gs1.org/standards/epcis/epcis-context.jsonld',
    ...{ type: 'ObjectEvent', eventTime: '2026-07-22T06:45:00Z', eventTimeZoneOffset: '+00:00', action: 'OBSERVE' },
    epcList: ['urn:epc:id:sgtin:0614141.107346.2017'],
  };
  const file = (name: string, content: string) => {
    writeFileSync(join(dataDir, name), content);
    return join(dataDir, name);
  };
  const good = file('good.json', JSON.stringify(event));
  const bad = file('bad.json', JSON.stringify({ ...event, action: 'CREATE' }));
  const bomb = file('bomb.xml', '<!DOCTYPE a [<!ENTITY b "b">]><a>&b;</a>');
  const { code, lines } = await run('epcis', 'check', good, bad, bomb);
  expect(code).toBe(1);
  expect(lines[0]).toEqual({ file: good, valid: true, kind: 'event', events: 1 });
  expect(lines[1]).toMatchObject({ file: bad, valid: false, refusals: [{ path: 'action', given: '"CREATE"' }] });
  expect(lines[2]).toMatchObject({
    file: bomb,
    valid: false,
    error: 'line 1: a document type is not accepted, but for its name alone',
  });
  const hashed = await run('epcis', 'hash', good);
  expect(hashed.lines).toEqual([
    { file: good, valid: true, hashes: [expect.stringMatching(/^ni:\/\/\/sha-256;[0-9a-f]{64}\?ver=CBV2\.0$/)] },
  ]);
  expect(await run('epcis', 'check', join(dataDir, 'absent.xml'))).toMatchObject({ code: 2, lines: [] });
});
