import { expect, test } from 'vitest';
import { identityOfTag } from '../../codecs/epc/index.ts';
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

const MEMORY = '3034257BF7194E4000000001';

test.each([
  ['hex in lower case', MEMORY.toLowerCase(), MEMORY],
  ['hex in groups', '3034-257B-F719-4E40-0000-0001', MEMORY],
  ['a tag URI', 'urn:epc:tag:sgtin-96:1.0614141.812345.1', MEMORY],
  ['a tag URI in capitals', 'URN:EPC:TAG:SGTIN-96:1.0614141.812345.1', MEMORY],
  ['a raw URI, as is printed of a foreign tag', 'urn:epc:raw:96.xE28011606000020400000000', 'E28011606000020400000000'],
  ['a pure identity', 'urn:epc:id:sgtin:0614141.812345.1', '3014257BF7194E4000000001'],
  ['a logistic unit', 'urn:epc:id:sscc:0614141.1000000001', '3114257BF43B9ACA01000000'],
])('an EPC is read however it is written: %s', (_, epc, epcHex) => {
  const text = `time,epc,antenna\n2026-11-22T10:00:00Z,${epc},1\n`;
  expect(parseRecording(text, 'f')).toMatchObject({ reads: [{ epcHex, epcBits: 96 }] });
});

test('a serial of letters that only its identity names gets the tag that holds letters', () => {
  const text = 'time,epc,antenna\n2026-11-22T10:00:00Z,urn:epc:id:sgtin:0614141.812345.A-1,1\n';
  const recording = parseRecording(text, 'f');
  const [read] = recording.kind === 'reads' ? recording.reads : [];
  expect(identityOfTag(read?.epcHex ?? '', read?.epcBits ?? 0)).toBe('urn:epc:id:sgtin:0614141.812345.A-1');
});

test('a file of a spreadsheet may begin with its mark and what separates, and its times have a decimal comma', () => {
  const rows = [
    'sep=;',
    'time;epc;antenna;rssi',
    `2026-11-22T10:00:00,25Z;${MEMORY};1;-60,5 dBm`,
    `1795341600,5;${MEMORY};2;`,
  ];
  const text = `\uFEFF${rows.join('\r\n')}\r\n`;
  const from = Date.UTC(2026, 10, 22, 10);
  expect(parseRecording(text, 'f')).toMatchObject({
    reads: [
      { firstSeen: from + 250, rssiDbm: -60.5 },
      { firstSeen: from + 500, antenna: 2, rssiDbm: null },
    ],
  });
  expect(() => parseRecording(text.replace(';2;', ';x;'), 'f')).toThrow(/^f:4: antenna: given "x"/);
});

test('the number of a tag is kept where the reader asked for it', () => {
  const text = `time,epc,antenna,TID\n2026-11-22T10:00:00Z,${MEMORY},1,e280 1160 2000 7a52 0b1c 5e71\n2026-11-22T10:00:01Z,${MEMORY},1,\n`;
  const recording = parseRecording(text, 'f');
  const reads = recording.kind === 'reads' ? recording.reads : [];
  expect(reads.map(({ tids }) => tids)).toEqual([['E280116020007A520B1C5E71'], undefined]);
});

test('a clock that jumped back, rows in another order and a row twice are the same reads by their times', () => {
  const rows = [1, 2, 3].map((second) => `2026-11-22T10:00:0${second}Z,${MEMORY},${second % 2},r-${second % 2}`);
  const of = (all: readonly string[]) => {
    const recording = parseRecording(`time,epc,antenna,reader\n${all.join('\n')}\n`.replaceAll(',0,', ',2,'), 'f');
    return recording.kind === 'reads' ? recording.reads.map(({ firstSeen, reader }) => `${firstSeen} ${reader}`) : [];
  };
  expect(of(rows.toReversed())).toEqual(of(rows));
  expect([...new Set(of([...rows, ...rows]))]).toEqual(of(rows));
});

test.each([
  ['time,epc\n', /^f:1: no column antenna beside epc: .*; given time,epc, wanted time,epc,antenna/],
  ['epc,rssi\n', /^f:1: no column time and antenna beside epc/],
  ['time,reader\n', /^f:1: header time,reader: wanted/],
  ['time,epc,antenna\n2026-11-31T10:00:00Z,AABB,1\n', /^f:2: time: given "2026-11-31T10:00:00Z"/],
  ['time,epc,antenna\n2026-11-22T10:00:00Z,3.03E+23,1\n', /^f:2: epc: given "3.03E\+23", a number as a spreadsheet/],
  [
    'time,epc,antenna\n2026-11-22T10:00:00Z,urn:epc:tag:sgtin-96:1.06,1\n',
    /^f:2: epc: given "urn:epc:tag:sgtin-96:1.06": /,
  ],
  ['time,epc,antenna\n2026-11-22T10:00:00Z,urn:epc:id:nothing:1.2,1\n', /^f:2: epc: given "urn:epc:id:nothing:1.2": /],
  [
    'time,epc,antenna\n2026-11-22T10:00:00Z,urn:epc:raw:64.xE28011606000020400000000,1\n',
    /^f:2: epc: given "urn:epc:raw:64/,
  ],
  ['time,epc,antenna,tid\n2026-11-22T10:00:00Z,AABB,1,none\n', /^f:2: tid: given "none", allowed: hex/],
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
