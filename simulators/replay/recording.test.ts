import { expect, test } from 'vitest';
import { parseRecording } from './recording.ts';

test('reads are known by what other programs call their columns, in any order of rows', () => {
  const text =
    'Reader ID;Peak_RSSI;Ant;EPC-Hex;First Seen\nr-2;-61.5;3;30 74 0a;1763805600.5\nr-1;;1;"AABB";1763805600123456\n';
  expect(parseRecording(text, 'f')).toEqual({
    kind: 'reads',
    gpi: [],
    reads: [
      expect.objectContaining({
        reader: 'r-1',
        antenna: 1,
        epcHex: 'AABB',
        firstSeen: 1_763_805_600_123,
        rssiDbm: null,
      }),
      expect.objectContaining({
        reader: 'r-2',
        antenna: 3,
        epcHex: '30740A',
        epcBits: 24,
        firstSeen: 1_763_805_600_500,
      }),
    ],
  });
});

test('a spreadsheet separates by tabs or semicolons, and writes its decimals with a comma', () => {
  const rows = [
    ['"time, UTC"', 'time', 'epc', 'antenna', 'rssi'],
    ['a', '2026-11-22T10:00:00Z', 'AABB', '1', '-60,5'],
  ];
  for (const separator of ['\t', ';']) {
    const text = rows.map((row) => row.join(separator)).join('\r\n');
    expect(parseRecording(text, 'f')).toMatchObject({ reads: [{ epcHex: 'AABB', antenna: 1, rssiDbm: -60.5 }] });
  }
});

test('readings are known by their metric', () => {
  const text = 'arrival,device,metric,time,value\n,logger-1,temperature,2026-11-22T10:00:00Z,5.1\n';
  expect(parseRecording(text, 'f')).toEqual({
    kind: 'readings',
    readings: [{ device: 'logger-1', metric: 'temperature', time: Date.UTC(2026, 10, 22, 10), value: 5.1 }],
  });
});

test('a quoted field may go over two lines, and the next row keeps its line', () => {
  const text = 'device,metric,time,value,"note"\nlogger-1,temperature,2026-11-22T10:00:00Z,5.1,"cold\nand ""dry"""\n';
  expect(parseRecording(text, 'f')).toMatchObject({ readings: [{ device: 'logger-1', value: 5.1 }] });
  expect(() => parseRecording(`${text}logger-1,mood,2026-11-22T10:00:00Z,1,\n`, 'f')).toThrow(/^f:4: metric/);
});

test.each([
  ['time,epc\n', /^f:1: header time,epc: wanted/],
  ['time,epc,antenna\n2026-11-22T10:00:00Z,xyz,1\n', /^f:2: epc: given "xyz"/],
  ['time,epc,antenna\n2026-11-22T10:00:00,AABB,1\n', /^f:2: time: given/],
  ['time,epc,antenna\n2026-11-22T10:00:00Z,AABB,0\n', /^f:2: antenna: given "0"/],
  ['time,epc,antenna,rssi\n2026-11-22T10:00:00Z,AABB,1,loud\n', /^f:2: rssi: given "loud"/],
  ['time,epc,antenna\n2026-11-22T10:00:00Z,"AABB,1\n', /^f:2: a quoted field is not closed/],
  ['device,metric,time,value\nlogger-1,temperature,2026-11-22T10:00:00Z,900\n', /^f:2: value: given "900"/],
  ['device,metric,time,value\nlogger-1,mood,2026-11-22T10:00:00Z,1\n', /^f:2: metric: given "mood"/],
])('a file that is wrong is one line that says where: %j', (text, message) => {
  expect(() => parseRecording(text, 'f')).toThrow(message);
});
