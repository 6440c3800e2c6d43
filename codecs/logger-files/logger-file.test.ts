import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError, isPhysical, metricByName } from '../../domain/index.ts';
import { type LoggerFile, readLoggerFile } from './logger-file.ts';
import { type LoggerFileMapping, mappingFrom } from './mapping.ts';
import type { Twice } from './moments.ts';

interface Asked {
  readonly zone?: string;
  readonly mapping?: LoggerFileMapping;
  readonly twice?: Twice;
}

function read(file: string | Uint8Array, { zone = 'Europe/Berlin', ...asked }: Asked = {}): Promise<LoggerFile> {
  const bytes = typeof file === 'string' ? new TextEncoder().encode(file) : file;
  return readLoggerFile({ bytes, zone, ...asked });
}

/** Readings as a person writes them: probe, metric, time, value. */
function told({ readings }: LoggerFile): string[] {
  return readings.map(({ probe, metric, time, value }) =>
    [probe === null ? '' : `${probe} `, metric, ' ', new Date(time).toISOString().slice(0, 19), ' ', value].join(''),
  );
}

async function code(file: string | Uint8Array, asked: Asked = {}): Promise<string> {
  try {
    await read(file, asked);
  } catch (error) {
    if (error instanceof InputError) return error.code;
    throw error;
  }
  return 'taken';
}

describe('a table whose header names time and unit', () => {
  it.each([
    ['English, commas', 'Date Time,Temperature (°C)\n2026-11-22 10:00,5.1\n2026-11-22 10:10,5.3\n'],
    ['German, decimal commas', 'Datum/Uhrzeit;Temperatur [°C]\n22.11.2026 10:00;5,1\n22.11.2026 10:10;5,3\n'],
    ['two columns', 'Datum;Uhrzeit;T °C\n22.11.2026;10:00:00;5,1\n22.11.2026;10:10:00;5,3\n'],
    ['tabs', 'Timestamp\tTemp. °C\n2026/11/22 10:00\t5.1\n2026/11/22 10:10\t5.3\n'],
    ['blanks', 'Date        Time      Temperature [°C]\n22.11.2026  10:00:00  5,1\n22.11.2026  10:10:00  5,3\n'],
    ['quoted', '"Time","Temp, °C"\n"22 Nov 2026 10:00","5.1"\n"22 Nov 2026 10:10","5.3"\n'],
    ['AM and PM', 'Date,Time,Temp (C)\n11/22/2026,10:00 AM,5.1\n11/22/2026,10:10 AM,5.3\n'],
    ['a row of units', 'Time;Temperature\n;°C\n22.11.26 10:00;5,1\n22.11.26 10:10;5,3\n'],
    ['units in the cells', 'Time;Temperature\n22.11.2026 10:00;5,1 °C\n22.11.2026 10:10;5,3 °C\n'],
    ['Excel told the separator', 'sep=;\nZeit;Temperatur °C\n22.11.2026 10:00;5,1\n22.11.2026 10:10;5,3\n'],
    ['a name in camel case', 'dateTime,temperatureC,unit\n2026-11-22T10:00,5.1,°C\n2026-11-22T10:10,5.3,°C\n'],
  ])('%s', async (_, text) => {
    expect(told(await read(text))).toEqual([
      'temperature 2026-11-22T09:00:00 5.1',
      'temperature 2026-11-22T09:10:00 5.3',
    ]);
  });

  it('reads Fahrenheit, several probes and humidity', async () => {
    const text =
      'Time,Probe 1 (°F),Probe 2 (°F),Humidity (%RH)\n2026-11-22 10:00,41.0,50,45\n2026-11-22 10:05,,51.8,46\n';
    expect(told(await read(text, { zone: 'UTC' }))).toEqual([
      '1 temperature 2026-11-22T10:00:00 5',
      '2 temperature 2026-11-22T10:00:00 10',
      '1 humidity 2026-11-22T10:00:00 45',
      '2 temperature 2026-11-22T10:05:00 11',
      '1 humidity 2026-11-22T10:05:00 46',
    ]);
  });

  it('takes the serial number, and the summary above and below the table', async () => {
    const text = [
      'Serial Number;AB-1234',
      'Start delay;30 min',
      'Alarm;too warm',
      '',
      'Zeit;Temperatur °C',
      '22.11.2026 10:00;5,1',
      '22.11.2026 10:10;9,3',
      'Zeit;Temperatur °C',
      '22.11.2026 10:20;5,2',
      '',
      'Maximum;9,3 °C',
      'Minimum;5,1 °C',
      'Mittelwert;6,5 °C',
      'Anzahl Messwerte;3',
    ].join('\r\n');
    const { serial, figures, alarms, refused, readings } = await read(text);
    expect({ serial, alarms, refused, taken: readings.length }).toEqual({
      ...{ serial: 'AB-1234', refused: [], taken: 3 },
      alarms: ['Alarm: too warm'],
    });
    expect(figures.map(({ figure, value }) => `${figure} ${value}`)).toEqual([
      'max 9.3',
      'min 5.1',
      'mean 6.5',
      'count 3',
    ]);
  });

  it('reads totals under each column as those of its probe', async () => {
    const text = 'Time;T1 °C;T2 °C\n2026-11-22 10:00;5,1;6,1\n2026-11-22 10:10;5,3;7,1\nMax;5,3;7,1\nMin;5,1;6,1\n';
    const { figures } = await read(text);
    expect(figures.map(({ figure, probe, value }) => `${figure} ${probe} ${value}`)).toEqual([
      ...['max 1 5.3', 'max 2 7.1', 'min 1 5.1', 'min 2 6.1'],
    ]);
  });

  it('reads rows that run downward', async () => {
    const text = 'Time;Temperature °C\n22.11.2026 10:10;5,3\n22.11.2026 10:00;5,1\n';
    expect(told(await read(text))).toEqual([
      'temperature 2026-11-22T09:10:00 5.3',
      'temperature 2026-11-22T09:00:00 5.1',
    ]);
  });
});

describe('what is almost right is not silently wrong', () => {
  it('asks for the zone, and takes no abbreviation for one', async () => {
    const text = 'Time;Temperature °C\n22.11.2026 10:00;5,1\n';
    expect(await code(text, { zone: '' })).toBe('LOGGER_FILE_ZONE_MISSING');
    expect(await code(text, { zone: 'EST' })).toBe('LOGGER_FILE_ZONE_UNKNOWN');
    expect(await code(text, { zone: 'W. Europe Standard Time' })).toBe('LOGGER_FILE_ZONE_UNKNOWN');
    expect(told(await read(text, { zone: '+05:30' }))).toEqual(['temperature 2026-11-22T04:30:00 5.1']);
  });

  it('asks which of two numbers is the day', async () => {
    const text = 'Time;Temperature °C\n04/05/2026 10:00;5.1\n05/05/2026 10:00;5.1\n';
    expect(await code(text)).toBe('LOGGER_FILE_DATE_AMBIGUOUS');
    const mapping = mappingFrom({ dateOrder: 'mdy' });
    expect(told(await read(text, { mapping, zone: 'UTC' }))[0]).toBe('temperature 2026-04-05T10:00:00 5.1');
    // One row tells it for all.
    expect(told(await read(`${text}13/05/2026 10:00;5.1\n`, { zone: 'UTC' }))[0]).toBe(
      'temperature 2026-05-04T10:00:00 5.1',
    );
    expect(await code(text.replace('Time;', 'Time (dd/MM/yyyy);'))).toBe('taken');
  });

  it('asks for the unit', async () => {
    const text = 'Time;Temperature\n22.11.2026 10:00;41\n';
    expect(await code(text)).toBe('LOGGER_FILE_UNIT_MISSING');
    expect(told(await read(text, { mapping: mappingFrom({ unit: '°F' }) }))).toEqual([
      'temperature 2026-11-22T09:00:00 5',
    ]);
  });

  it.each([
    ['units in the cells', 'Time;Temperature\n22.11.2026 10:00;5,1 °C\n22.11.2026 10:10;41,0 °F\n'],
    ['a unit in the header', 'Time;Temp (°C)\n22.11.2026 10:00;5,1\n22.11.2026 10:10;41,0 f\n'],
    ['the header of another quantity', 'Time;Temp (°C)\n22.11.2026 10:00;5,1\n22.11.2026 10:10;41,0 %\n'],
    ['a column of units', 'Time;Temp (°C);Unit\n22.11.2026 10:00;5,1;°C\n22.11.2026 10:10;41,0;°F\n'],
  ])('a value in another unit than its column is not taken for one in it: %s', async (_, text) => {
    const file = await read(text);
    expect(told(file)).toEqual(['temperature 2026-11-22T09:00:00 5.1']);
    expect(file.refused).toMatchObject([{ row: 3, reason: 'UNIT_CONTRADICTS' }]);
  });

  it('a unit given by hand does not go over what a row says', async () => {
    const text = 'Time;Temperature;Unit\n22.11.2026 10:00;5,1;C\n22.11.2026 10:10;41,0;F\n';
    expect(await code(text)).toBe('LOGGER_FILE_UNIT_MISSING');
    const file = await read(text, { mapping: mappingFrom({ unit: '°C' }) });
    expect(told(file)).toEqual(['temperature 2026-11-22T09:00:00 5.1']);
    expect(file.refused).toMatchObject([{ row: 3, reason: 'UNIT_CONTRADICTS' }]);
  });

  it('the unit that a column has may stand in its cells as well', async () => {
    const text = 'Time,Temp (°F),RH (%)\n2026-11-22 10:00,41.0 °F,45 %\n2026-11-22 10:10,41.0F,45 %RH\n';
    const { readings, refused } = await read(text);
    expect(refused).toEqual([]);
    expect(readings.map(({ value }) => value)).toEqual([5, 45, 5, 45]);
  });

  it('refuses a row that a decimal comma has parted', async () => {
    const { refused, readings } = await read('Time,Temperature °C\n22.11.2026 10:00,5,1\n22.11.2026 10:10,"5,3"\n');
    expect(refused).toMatchObject([{ row: 2, reason: 'CELLS_TOO_MANY' }]);
    expect(readings.map(({ value }) => value)).toEqual([5.3]);
  });

  it.each(['----', 'No sensor', 'Err', 'NaN', 'Infinity', '1e400', '5.1.2', 'OL'])(
    'refuses %s alone, and takes what stands around it',
    async (cell) => {
      const { refused, readings } = await read(
        `Time;Temperature °C\n22.11.2026 10:00;5.1\n22.11.2026 10:10;${cell}\n22.11.2026 10:20;5.2\n`,
      );
      expect(refused).toMatchObject([{ row: 3, reason: 'VALUE_NOT_NUMBER' }]);
      expect(readings).toHaveLength(2);
    },
  );

  it.each([
    ['31.02.2026 10:00', 'TIME_NOT_UNDERSTOOD'],
    ['22.11.2026 25:00', 'TIME_NOT_UNDERSTOOD'],
    ['22.11.2026 13:00 PM', 'TIME_NOT_UNDERSTOOD'],
    ['29.03.2026 02:30', 'TIME_NOT_EXISTING'],
  ])('refuses the row of %s', async (time, reason) => {
    const { refused, readings } = await read(`Time;Temperature °C\n22.11.2026 10:00;5.1\n${time};5.2\n`);
    expect(refused).toMatchObject([{ row: 3, reason }]);
    expect(readings).toHaveLength(1);
  });

  it('24:00 is the end of its day, 12:30 AM half past midnight', async () => {
    expect(told(await read('Time;Temp °C\n22.11.2026 24:00;5.1\n', { zone: 'UTC' }))).toEqual([
      'temperature 2026-11-23T00:00:00 5.1',
    ]);
    expect(told(await read('Time,Temp °C\n11/22/2026 12:30 AM,5.1\n', { zone: 'UTC' }))).toEqual([
      'temperature 2026-11-22T00:30:00 5.1',
    ]);
  });

  it('a clock of twelve hours that does not say which half of the day is asked about', async () => {
    const hours = ['10:00', '11:00', '12:00', '1:00', '2:00'].map((hour) => `22.11.2026 ${hour};5`);
    const days = `${hours.join('\n')}\n23.11.2026 10:00;5\n23.11.2026 1:00;5\n`;
    expect(await code(`Time;Temp °C\n22.11.2026 12:00;5\n22.11.2026 1:00;5\n${days}`)).toBe(
      'LOGGER_FILE_HOURS_AMBIGUOUS',
    );
  });

  it('two values for one moment: the first stays', async () => {
    const { refused, readings } = await read(
      'Time;Temp °C\n22.11.2026 10:00;5\n22.11.2026 10:00;5\n22.11.2026 10:00;6\n',
    );
    expect(readings).toHaveLength(1);
    expect(refused).toMatchObject([{ row: 4, reason: 'CONFLICT' }]);
  });

  it('what is no measurement is not taken for one', async () => {
    const text = 'Time;Temp °C;Dew point °C;Low alarm °C;MKT °C\n22.11.2026 10:00;5;1;2;5.5\n';
    expect(told(await read(text, { zone: 'UTC' }))).toEqual(['temperature 2026-11-22T10:00:00 5']);
    expect(await code('Time;Something\n22.11.2026 10:00;5\n')).toBe('LOGGER_FILE_NOT_RECOGNISED');
  });
});

describe('an hour that occurs twice', () => {
  const head = 'Time;Temp °C\n';
  const rows = (...hours: string[]) => `${head}${hours.map((hour, i) => `25.10.2026 ${hour};${i}`).join('\n')}\n`;
  const utc = ({ readings }: LoggerFile) => readings.map(({ time }) => new Date(time).toISOString().slice(11, 16));

  it('is told by the order of the rows, up and down', async () => {
    expect(utc(await read(rows('01:30', '02:00', '02:30', '02:00', '02:30', '03:00')))).toEqual([
      ...['23:30', '00:00', '00:30', '01:00', '01:30', '02:00'],
    ]);
    expect(utc(await read(rows('03:00', '02:30', '02:00', '02:30', '02:00', '01:30')))).toEqual([
      ...['02:00', '01:30', '01:00', '00:30', '00:00', '23:30'],
    ]);
    expect(utc(await read(rows('01:00', '02:00', '02:00', '03:00')))).toEqual(['23:00', '00:00', '01:00', '02:00']);
  });

  it('waits where it stands alone, or the rows run no one way', async () => {
    const alone = await read(rows('01:30', '02:00', '02:30', '03:00'));
    expect([utc(alone), alone.open.map(({ row }) => row)]).toEqual([
      ['23:30', '02:00'],
      [3, 4],
    ]);
    expect((await read(rows('03:00', '02:00', '01:00', '02:00', '04:00'))).open).toHaveLength(2);
    expect(utc(await read(rows('01:30', '02:00', '03:00'), { twice: 'second' }))).toEqual(['23:30', '01:00', '02:00']);
  });
});

describe('encodings', () => {
  const text = 'Zeit;Temperatur °C\n22.11.2026 10:00;5,1\n';
  const wide = (isLittle: boolean, hasMark: boolean) => {
    const bytes = Buffer.from(`${hasMark ? '\ufeff' : ''}${text}`, 'utf16le');
    return isLittle ? bytes : Buffer.from(bytes).swap16();
  };
  it.each([
    ['UTF-8', Buffer.from(text)],
    ['UTF-8 with its mark', Buffer.from(`\ufeff${text}`)],
    ['Latin-1', Buffer.from(text, 'latin1')],
    ['UTF-16 LE', wide(true, true)],
    ['UTF-16 BE', wide(false, true)],
    ['UTF-16 LE without its mark', wide(true, false)],
    ['UTF-16 BE without its mark', wide(false, false)],
  ])('%s', async (_, bytes) => {
    expect(told(await read(new Uint8Array(bytes)))).toEqual(['temperature 2026-11-22T09:00:00 5.1']);
  });
});

describe('a mapping', () => {
  const text = 'x\n1;22.11.2026 10:00;5,1;9\n2;22.11.2026 10:10;5,3;9\n';
  it('says which columns they are', async () => {
    const mapping = mappingFrom({ time: 2, columns: [{ column: 3, metric: 'temperature', unit: '°C' }], firstRow: 2 });
    expect(told(await read(text, { mapping }))).toEqual([
      ...['temperature 2026-11-22T09:00:00 5.1', 'temperature 2026-11-22T09:10:00 5.3'],
    ]);
  });
  it('names a column that is not there', async () => {
    const mapping = mappingFrom({ time: 'when', columns: [{ column: 'T', metric: 'temperature', unit: '°C' }] });
    expect(await code(text, { mapping })).toBe('LOGGER_FILE_MAPPING_BAD');
    expect(() => mappingFrom({ time: 1 })).toThrow(InputError);
  });
});

// Nothing that anybody uploads may do more than be refused.
it('no text makes it fail otherwise than by saying what is wrong, nor pass what is not physical', async () => {
  const cell = fc.oneof(
    fc.constantFrom(
      'Time',
      'Zeit',
      'Date',
      'Temp °C',
      'Temperature (°F)',
      'RH %',
      'T2 °C',
      '22.11.2026 10:00',
      '25.10.2026 02:30',
    ),
    fc.constantFrom(
      '04/05/26',
      '10:00 PM',
      '-127',
      '85',
      '1e9',
      '9999',
      '5,1',
      '"',
      '=1+1',
      'Max',
      'sep=;',
      '\u0000',
      '\ufeff',
    ),
    fc.string({ maxLength: 12 }),
    fc.integer({ min: -400, max: 400 }).map(String),
  );
  const line = fc
    .tuple(fc.array(cell, { maxLength: 6 }), fc.constantFrom(';', ',', '\t', '  '))
    .map(([cells, by]) => cells.join(by));
  const header = fc.constantFrom(
    '',
    'Time;Temp °C\n',
    'Date,Time,Temp °F,RH %\n',
    'Device: Q-tag Fridge-tag 2 L\nConf:\n Serial: 1\nData:\n',
  );
  await fc.assert(
    fc.asyncProperty(header, fc.array(line, { maxLength: 12 }), fc.boolean(), async (first, lines, isWide) => {
      const bytes = Buffer.from(`${first}${lines.join('\n')}`, isWide ? 'utf16le' : 'utf8');
      try {
        const { readings } = await read(new Uint8Array(bytes));
        for (const { metric, value, time } of readings) {
          const known = metricByName(metric);
          expect(known !== undefined && isPhysical(known, value) && Number.isInteger(time)).toBe(true);
        }
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
      }
    }),
    { numRuns: 500 },
  );
});
