import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  decodeTags,
  encodeFrame,
  type Frame,
  impinjTagData,
  type Parameter,
  type ParameterOf,
  parameterOf,
  parametersOf,
  TAG,
  TagColumns,
} from './index.ts';
import { anyReport } from './testing/arbitrary.ts';

test('the fast path gives the tags the table gives, absent ones absent', () => {
  const columns = new TagColumns();
  fc.assert(
    fc.property(anyReport(), (frame) => {
      decodeTags(encodeFrame(frame), columns);
      expect(rows(columns)).toEqual(parametersOf(frame.message, 'TagReportData').map(expected));
    }),
    { numRuns: 500 },
  );
});

test('a report with more tags than the columns had room for grows them', () => {
  const tag: ParameterOf<'TagReportData'> = {
    name: 'TagReportData',
    parameters: [
      { name: 'EPC_96', EPC: '3074257BF7194E4000001A85' },
      { name: 'AntennaID', AntennaID: 2 },
    ],
  };
  const report: Frame = { version: 1, id: 1, message: { name: 'RO_ACCESS_REPORT', parameters: Array(1000).fill(tag) } };
  const columns = new TagColumns();
  expect(decodeTags(encodeFrame(report), columns)).toBe(1000);
  expect([columns.epcHex(999), columns.antenna[999]]).toEqual(['3074257BF7194E4000001A85', 2]);
});

test('an empty report is normal', () => {
  expect(decodeTags(encodeFrame({ version: 1, id: 1, message: { name: 'RO_ACCESS_REPORT' } }), new TagColumns())).toBe(
    0,
  );
});

test('a report that is cut inside a tag leaves no rows', () => {
  const columns = new TagColumns();
  expect(() => decodeTags(Buffer.from('043D000000120000000100F000088D307425', 'hex'), columns)).toThrow(/ends after/);
  expect(columns.count).toBe(0);
});

interface Row {
  epc: string;
  bits: number;
  antenna?: number | undefined;
  rssi?: number | undefined;
  first?: number | undefined;
  last?: number | undefined;
  count?: number | undefined;
  tid: string;
}

function rows(columns: TagColumns): Row[] {
  return Array.from({ length: columns.count }, (_, row) => {
    const has = (flag: number) => ((columns.flags[row] ?? 0) & flag) !== 0;
    return {
      epc: columns.epcHex(row),
      bits: columns.epcBits[row] ?? 0,
      antenna: has(TAG.hasAntenna) ? columns.antenna[row] : undefined,
      rssi: has(TAG.hasRssi) ? columns.rssi[row] : undefined,
      first: has(TAG.hasFirst) ? columns.firstSeen[row] : undefined,
      last: has(TAG.hasLast) ? columns.lastSeen[row] : undefined,
      count: has(TAG.hasCount) ? columns.seen[row] : undefined,
      tid: columns.tidHex(row),
    };
  });
}

function expected(tag: Parameter): Row {
  const long = parameterOf(tag, 'EPCData')?.EPC;
  const peak = parameterOf(tag, 'PeakRSSI')?.PeakRSSI;
  const fine = impinjTagData(tag).rssiDbm;
  const first = parameterOf(tag, 'FirstSeenTimestampUTC') ?? parameterOf(tag, 'FirstSeenTimestampUptime');
  const last = parameterOf(tag, 'LastSeenTimestampUTC') ?? parameterOf(tag, 'LastSeenTimestampUptime');
  return {
    epc: parameterOf(tag, 'EPC_96')?.EPC ?? long?.hex ?? '',
    bits: long?.bits ?? 96,
    antenna: parameterOf(tag, 'AntennaID')?.AntennaID,
    rssi: fine !== undefined ? Math.round(fine * 100) : peak === undefined ? undefined : peak * 100,
    first: first === undefined ? undefined : Number(first.Microseconds),
    last: last === undefined ? undefined : Number(last.Microseconds),
    count: parameterOf(tag, 'TagSeenCount')?.TagCount,
    tid: tidIn(tag),
  };
}

/** What the last of the parameters that carry a TID says. */
function tidIn(tag: Parameter): string {
  let tid = '';
  for (const parameter of 'parameters' in tag ? (tag.parameters ?? []) : []) {
    if (parameter.name === 'C1G2ReadOpSpecResult' && parameter.Result === 0) tid = wordsHex(parameter.ReadData);
    if (parameter.name === 'Custom') tid = impinjTagData({ parameters: [parameter] }).tidHex ?? tid;
  }
  return tid;
}

function wordsHex(words: readonly number[]): string {
  return words.map((word) => word.toString(16).padStart(4, '0').toUpperCase()).join('');
}
