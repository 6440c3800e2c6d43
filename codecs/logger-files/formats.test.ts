import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError, isPhysical, metricByName } from '../../domain/index.ts';
import { type LoggerFile, readLoggerFile } from './logger-file.ts';
import { pdf, workbook, zip } from './testing/files.ts';

async function read(file: string | Uint8Array, zone = 'UTC'): Promise<LoggerFile> {
  return readLoggerFile({ bytes: typeof file === 'string' ? Buffer.from(file) : file, zone });
}

async function code(file: string | Uint8Array): Promise<string> {
  return read(file).then(
    () => 'taken',
    (error: unknown) => {
      if (error instanceof InputError) return error.code;
      throw error;
    },
  );
}

const values = ({ readings }: LoggerFile) =>
  readings.map(({ time, value }) => `${new Date(time).toISOString().slice(0, 16)} ${value}`);

/** Excel counts days from 1899-12-30. */
const days = (iso: string) => Date.parse(iso) / 86_400_000 + 25_569;

describe('Berlinger', () => {
  const log = [
    'Device: Q-tag Fridge-tag 2 L',
    'Vers: 0.5',
    'Conf:',
    ' Serial: 130500109999',
    ' Zone: 0.00',
    ' Temp unit: C',
    ' Alarm:',
    '  0:',
    '   T AL: -0.5, t AL: 60',
    'Hist:',
    ' TS Actv: 2026-05-02 04:44',
    ' 1:',
    '  Date: 2026-05-02',
    '  Min T: +4.0, TS Min T: 00:42',
    '  Max T: +9.2, TS Max T: 09:52',
    '  Avrg T: +4.5',
    '  Alarm:',
    '   1:',
    '    t Acc: 312, TS A: 14:55, C A: 0',
    'Data:',
    '\tyyyy-MM-dd hh:mm\tT\tOut of limits',
    '\t2026-05-02 10:36\t9.2\tx',
    '\t2026-05-02 10:41\t4.0',
    '\t2026-05-02 10:46\t--',
    'Cert:',
    ' Vers: 1.0',
    'Sig: 498b6848d4bc66bc',
  ].join('\r\n');

  it('Fridge-tag 2 L: log, serial number, extremes and alarms', async () => {
    const file = await read(log);
    expect(values(file)).toEqual(['2026-05-02T10:36 9.2', '2026-05-02T10:41 4']);
    expect({ serial: file.serial, refused: file.refused, alarms: file.alarms, layout: file.layout }).toEqual({
      ...{ serial: '130500109999', layout: 'Berlinger' },
      refused: [{ row: 24, reason: 'VALUE_NOT_NUMBER', detail: 'temperature is "--"; allowed: a number' }],
      alarms: ['2026-05-02 14:55: too warm, 312 min that day'],
    });
    expect(file.figures.map(({ figure, value }) => `${figure} ${value}`)).toEqual(['min 4', 'max 9.2']);
  });

  it('Fridge-tag 2: extremes of days are no log', async () => {
    const file = await read(log.slice(0, log.indexOf('Data:')));
    expect([file.readings, file.notes]).toEqual([
      [],
      ['the device kept extremes of 1 days and no log: there is nothing to judge by time'],
    ]);
  });

  it('Q-tag: the result of the run', async () => {
    const text = log
      .replace(
        /Hist:[\s\S]*?Data:/,
        'Res:\r\n Min T: 4.0, TS Min T: 2026-05-02 10:41\r\n Max T: 9.2\r\n MKT: 7.2\r\n Avrg T: 6.6\r\n Alarm:\r\n  1:\r\n   TS S: 2026-05-02 10:30, t A: 42, TS A: 2026-05-02 10:36\r\nMarker:\r\n\tNumber\tT\tyyyy-MM-dd hh:mm\t\r\nData:',
      )
      .replace('Fridge-tag 2 L', 'CLm doc LR');
    const file = await read(text);
    expect(file.readings).toHaveLength(2);
    expect(file.figures.map(({ figure, value }) => `${figure} ${value}`)).toEqual([
      'min 4',
      'max 9.2',
      'mean 6.6',
      'mkt 7.2',
    ]);
    expect(file.alarms).toEqual(['alarm 1: 2026-05-02 10:36, 42 min beyond its limit']);
  });
});

it('HOBO: the zone stands in the header, events stand in rows of their own', async () => {
  const text = [
    '"Plot Title: Truck 4"',
    '"#","Date Time, GMT-07:00","Temp, °F (LGR S/N: 10360999, SEN S/N: 10360999)","Coupler Attached (LGR S/N: 10360999)","End Of File (LGR S/N: 10360999)"',
    '1,11/23/26 02:30:00 AM,41.000,Logged,',
    '2,11/23/26 03:00:00 AM,50.000,,',
    '3,11/23/26 03:10:00 AM,,Logged,',
    '4,11/23/26 03:10:05 AM,,,Logged',
  ].join('\n');
  const file = await read(text, 'Europe/Berlin');
  expect([values(file), file.serial, file.marks]).toEqual([
    ['2026-11-23T09:30 5', '2026-11-23T10:00 10'],
    '10360999',
    2,
  ]);
  expect(file.notes).toEqual(['the times say themselves that they are UTC-07:00: so they were read']);
});

it('LogTag: lines of a name and a value, then index, date, time and value', async () => {
  const text =
    'Serial #,A0C1010101\nReading interval,5 minutes\nNon alert range,2.0  to  8.0 °C\nIndex,Date,Time,Temperature\n1,2026-11-22,10:00:00,5.1\n2,2026-11-22,10:05:00,8.4\n';
  const file = await read(text);
  expect([values(file), file.serial]).toEqual([['2026-11-22T10:00 5.1', '2026-11-22T10:05 8.4'], 'A0C1010101']);
});

describe('Excel', () => {
  it('dates, numbers and text', async () => {
    const file = await read(
      workbook([
        ['Seriennummer', 'X-77'],
        ['Zeit', 'Temperatur °C'],
        [{ days: days('2026-11-22T10:00:00Z') }, 5.1],
        [{ days: days('2026-11-22T10:10:00Z') }, '5,3'],
        ['22.11.2026 10:20', 'No sensor'],
      ]),
    );
    expect([values(file), file.serial, file.refused.map(({ row }) => row)]).toEqual([
      ['2026-11-22T10:00 5.1', '2026-11-22T10:10 5.3'],
      'X-77',
      [5],
    ]);
  });

  it('an old one is to be saved anew, a damaged one and one that is none are refused', async () => {
    expect(await code(Uint8Array.from([0xd0, 0xcf, 0x11, 0xe0, 1, 2]))).toBe('LOGGER_FILE_OLD_EXCEL');
    expect(await code(workbook([['Time', 'Temp °C']]).slice(0, 400))).toBe('LOGGER_FILE_EXCEL_BAD');
    expect(await code(zip({ 'a.txt': 'x' }))).toBe('LOGGER_FILE_EXCEL_BAD');
  });

  // https://nvd.nist.gov/vuln/detail/CVE-2019-13232 and its kind: sizes in the directory are what the writer put there.
  it('one that unpacks beyond all reason is refused, whatever its directory says', async () => {
    const blanks = Buffer.alloc(140 * 1024 * 1024, 32);
    expect(await code(zip({ 'xl/worksheets/sheet1.xml': blanks }, 100))).toBe('LOGGER_FILE_TOO_LARGE');
  });
});

describe('an Excel file that the reading of never came to an end of', () => {
  const sheet = workbook([
    ['Time', 'Temp °C'],
    ['22.11.2026 10:00', 5.1],
  ]);
  const view = new DataView(sheet.buffer, sheet.byteOffset, sheet.byteLength);
  const directory = view.getUint32(sheet.length - 6, true);

  it('one whose part says it is longer than it is, in front of it or in the directory, is refused', async () => {
    for (const at of [22, directory + 24]) {
      const given = Uint8Array.from(sheet);
      new DataView(given.buffer).setUint32(at, view.getUint32(at, true) + 0xff_0000, true);
      expect(await code(given)).toBe('LOGGER_FILE_EXCEL_BAD');
    }
  });

  it('one with something behind its end is read or refused', async () => {
    for (let at = 0; at < sheet.length; at += 97) {
      expect(await code(Buffer.concat([sheet, sheet.subarray(at)]))).toMatch(/^(taken|LOGGER_FILE_.*)$/);
    }
  });
});

describe('PDF', () => {
  it('the data embedded in it is read', async () => {
    const text = 'Serial number;L-1\nTime;Temperature C (C)\n22.11.2026 10:00;5,1\n';
    const file = await read(pdf({ name: 'readings.csv', text }));
    expect([values(file), file.serial, file.notes]).toEqual([
      ['2026-11-22T10:00 5.1'],
      'L-1',
      ['read from readings.csv in the PDF'],
    ]);
  });

  it('one that only shows them is refused', async () => {
    expect(await code(pdf(null))).toBe('LOGGER_FILE_PDF_WITHOUT_DATA');
    expect(await code(pdf({ name: 'note.txt', text: 'hello' }))).toBe('LOGGER_FILE_NOT_RECOGNISED');
    expect(await code('%PDF-1.7\nnothing')).toBe('LOGGER_FILE_PDF_BAD');
  });
});

it('what is no file of a logger is refused with a word', async () => {
  expect(await code('')).toBe('LOGGER_FILE_EMPTY');
  expect(await code(Buffer.from('\u0089PNG\r\n and then some bytes that are no text\u0000, more of them'))).toBe(
    'LOGGER_FILE_NOT_TEXT',
  );
  expect(await code('hello\nworld\n')).toBe('LOGGER_FILE_NOT_RECOGNISED');
});

// Nothing that anybody uploads may do more than be refused, a workbook or PDF that is damaged, or was made to harm, included.
describe('bytes that were changed on the way', () => {
  const sheet = workbook([
    ['Time', 'Temp °C', 'RH %'],
    [{ days: days('2026-11-22T10:00:00Z') }, 5.1, 45],
    [{ days: days('2026-11-22T10:10:00Z') }, 9_999, 'x'],
    ['22.11.2026 10:20', -127, 300],
  ]);
  const page = pdf({
    name: 'readings.csv',
    text: 'Time;Temp °C;RH %\n22.11.2026 10:00;5,1;45\n22.11.2026 10:10;9999;300\n',
  });

  it.each([
    ['a workbook', sheet],
    ['a PDF', page],
  ])(
    '%s is read or refused with a word, and gives nothing that is not physical',
    { timeout: 120_000 },
    async (_what, bytes) => {
      const change = fc.record({ at: fc.nat(bytes.length - 1), byte: fc.nat(255) });
      const cut = fc.option(fc.nat(bytes.length));
      const damaged = fc.tuple(fc.array(change, { maxLength: 6 }), cut, fc.option(fc.nat(bytes.length - 1)));
      await fc.assert(
        fc.asyncProperty(damaged, async ([changes, length, doubledFrom]) => {
          let given = Buffer.from(bytes);
          for (const { at, byte } of changes) given[at] = byte;
          if (doubledFrom !== null) given = Buffer.concat([given, given.subarray(doubledFrom)]);
          if (length !== null) given = given.subarray(0, length);
          try {
            for (const { metric, value, time } of (await read(new Uint8Array(given))).readings) {
              const known = metricByName(metric);
              expect(known !== undefined && isPhysical(known, value) && Number.isInteger(time)).toBe(true);
            }
          } catch (error) {
            if (!(error instanceof InputError)) throw error;
          }
        }),
        { numRuns: 200 },
      );
    },
  );

  it('cells of any text and number are read or refused with a word', { timeout: 120_000 }, async () => {
    const text = fc.string({ maxLength: 12, unit: fc.constantFrom(...'Ttime °C%0123456789.,:;/-_=+"\'()ü') });
    const cell = fc.oneof(
      text,
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.record({ days: fc.double({ min: -1e6, max: 1e7, noNaN: true }) }),
      fc.constantFrom('Time', 'Temp °C', 'Zeit', 'RH %', '22.11.2026 10:00', '1e400'),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(cell, { maxLength: 5 }), { maxLength: 8 }), async (rows) => {
        try {
          for (const { metric, value, time } of (await read(workbook([['Time', 'Temp °C'], ...rows]))).readings) {
            const known = metricByName(metric);
            expect(known !== undefined && isPhysical(known, value) && Number.isInteger(time)).toBe(true);
          }
        } catch (error) {
          if (!(error instanceof InputError)) throw error;
        }
      }),
      { numRuns: 200 },
    );
  });
});
