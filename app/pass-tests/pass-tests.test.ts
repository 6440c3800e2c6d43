import { expect, test } from 'vitest';
import { parseRules } from '../../rules/index.ts';
import { testDatabase } from '../../storage/testing/database.ts';
import { parsePassHistory } from './pass-history.ts';
import { parsePassTests } from './pass-test-file.ts';
import { passTestsOn } from './run-pass-tests.ts';

const database = await testDatabase();
const { rules } = parseRules(
  'rules:\n  - { id: short, kind: shortage }\n  - { id: nothing-known, kind: noData }\n',
  'r',
);

/** The example of docs/rules.md, "Tests of passes". */
const SHORT = `passes:
  - name: a vial that is not read with its pallet is short
    doors: { lyon-1: { site: site:lyon } }
    shipments:
      - id: SHP-1
        profile: 2-8C
        origin: site:berlin
        destination: site:lyon
        departs: 2026-11-22T08:00:00Z
        arrives: 2026-11-22T16:00:00Z
        units:
          - sscc: urn:epc:id:sscc:0614141.1000000001
            children: [urn:epc:id:sgtin:0614141.812345.1, urn:epc:id:sgtin:0614141.812345.2]
            from: 2026-11-22T07:30:00Z
    seen:
      - door: lyon-1
        direction: in
        at: 2026-11-22T15:00:00Z
        epcs: [urn:epc:id:sscc:0614141.1000000001, urn:epc:id:sgtin:0614141.812345.1]
    findings:
      - rule: short
        key: portal:lyon-1
        from: 2026-11-22T15:00:00Z
        epcs: [urn:epc:id:sgtin:0614141.812345.2]
        said: 1 serial of SHP-1 did not come with the rest at lyon-1
`;

function run(text: string) {
  return passTestsOn(database, parsePassTests(text, 'passes.test.yaml'), rules);
}

test('a test of passes goes through the tracer, and leaves nothing behind for the next one', async () => {
  const twice = SHORT + SHORT.replace('passes:\n', '');
  expect(await run(twice)).toEqual({
    lines: Array(2).fill('ok a vial that is not read with its pallet is short'),
    ...{ tests: 2, failed: 0 },
  });
});

test('what is found otherwise is told as it differs', async () => {
  const other = SHORT.replace('key: portal:lyon-1', 'key: portal:lyon-2').replace(
    / {4}shipments:[\s\S]*? {4}seen:/,
    '    seen:',
  );
  const { lines, failed } = await run(other);
  expect(failed).toBe(1);
  expect(lines).toEqual([
    'FAILED a vial that is not read with its pallet is short',
    '  - expected, not found: short portal:lyon-2 from 2026-11-22T15:00:00.000Z',
    expect.stringMatching(/^ {2}\+ found, not expected: \{"rule":"nothing-known","key":"portal:lyon-1"/),
  ]);
  const [said] = (await run(SHORT.replace('said: 1 serial', 'said: 2 serials'))).lines.slice(1);
  expect(said).toBe(
    '  ~ short portal:lyon-1 from 2026-11-22T15:00:00.000Z: said is "1 serial of SHP-1 did not come with the rest at lyon-1", expected "2 serials of SHP-1 did not come with the rest at lyon-1"',
  );
});

test('a door that reads the numbers of tags sees a copy by them', async () => {
  const seen = (at: string, tid: string) =>
    `      - { door: lyon-1, direction: in, at: ${at}, epcs: [urn:epc:id:sgtin:0614141.812345.1], tid: ${tid} }\n`;
  const text = `passes:
  - name: another tag answers
    doors: { lyon-1: { site: site:lyon } }
    seen:
${seen('2026-11-22T10:00:00Z', 'E280116020007A520B1C5E71')}${seen('2026-11-22T15:00:00Z', 'e280689400004003a1b2c3d4')}    findings:
      - { rule: copied, key: portal:lyon-1, from: 2026-11-22T15:00:00Z, serials: 1 }
`;
  const copied = parseRules('rules: [{ id: copied, kind: clone }]\n', 'r').rules;
  expect(await passTestsOn(database, parsePassTests(text, 'passes.test.yaml'), copied)).toMatchObject({
    lines: ['ok another tag answers'],
  });
});

test('a time of receipt that is none is named with its line, in a notice as elsewhere', () => {
  const context = SHORT.replace(/^passes:\n {2}- name:.*\n/, '')
    .replace(/ {4}findings:[\s\S]*$/, '')
    .replace(/^ {4}/gm, '');
  expect(parsePassHistory(context, 'c.yaml')?.steps).toHaveLength(1);
  const late = (at: string) => context.replace('  profile:', `  received: ${at}\n    profile:`);
  // The notice, the pass, all reported: the notice before it.
  expect(parsePassHistory(late('2026-11-22T14:00:00Z'), 'c.yaml')?.steps.map(({ isLate }) => isLate)).toEqual([
    ...[true, false, false],
  ]);
  expect(() => parsePassHistory(late('later'), 'c.yaml')).toThrow(/c\.yaml:4: shipments\[0\]\.received: "later"/);
});

test.each([
  ['a door that is not there', SHORT.replace('door: lyon-1', 'door: lyon-9'), /^passes\.test\.yaml:16: .*door.*lyon-9/],
  ['a notice without a destination', SHORT.replace('        destination: site:lyon\n', ''), /destination/],
  [
    'what is no EPC',
    SHORT.replace('urn:epc:id:sgtin:0614141.812345.1]\n    findings', 'vial]\n    findings'),
    /SGTIN or SSCC/,
  ],
  ['another key', SHORT.replace('    seen:', '    scanned:'), /scanned/],
])('%s is named with its line', (_, text, named) => {
  expect(() => parsePassTests(text, 'passes.test.yaml')).toThrow(named);
});
