import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemTime } from '../domain/index.ts';
import { TestPlatform } from '../gateways/testing/platform.ts';
import { SimulatedReader } from '../simulators/index.ts';
import { isotherm } from './isotherm-process.ts';

const directory = mkdtempSync(join(tmpdir(), 'isotherm-simulate-test-'));
const platform = new TestPlatform();

beforeAll(() => platform.start());
afterAll(async () => {
  await platform.stop();
  await rm(directory, { recursive: true, force: true });
});

function file(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

const READS = `Timestamp,EPC,Antenna,RSSI,GPI,Level
2026-11-22T10:00:00.000Z,,,,1,1
2026-11-22T10:00:00.100Z,3074257BF7194E4000000001,1,-61.5,,
2026-11-22T10:00:01.200Z,3074257BF7194E4000000001,2,-48,,
2026-11-22T10:00:01.300Z,3074257BF7194E4000000002,2,,,
2026-11-22T10:00:02.000Z,,,,1,0
`;

describe('isotherm simulate replay', () => {
  test('recorded reads arrive through a reader and a gateway, at their own times', async () => {
    const reads = file('reads.csv', READS);
    const args = ['simulate', 'replay', reads, '--mqtt', platform.url, '--password', 'x', '--as-recorded'];
    const { code, stdout } = await isotherm(args, { dataDir: directory });
    expect(JSON.parse(stdout)).toEqual({ replayed: 'reads', readers: 1, reads: 3 });
    expect(code).toBe(0);
    const at = Date.parse('2026-11-22T10:00:00Z');
    const seen = platform.sightings.map(({ antenna, epcHex, firstSeen, rssiDbm }) => {
      return [epcHex.at(-1), antenna, firstSeen - at, rssiDbm];
    });
    expect(seen.sort()).toEqual([
      ['1', 1, 100, -61],
      ['1', 2, 1_200, -48],
      ['2', 2, 1_300, null],
    ]);
    expect(platform.gpi.map(({ port, isHigh, at: when }) => [port, isHigh, when - at])).toEqual([
      [1, true, 0],
      [1, false, 2_000],
    ]);
  });

  test('says which passes a recording makes, without any Isotherm', async () => {
    const reads = file('passes.csv', READS);
    const args = ['simulate', 'replay', reads, '--passes', '--outside', '1', '--inside', '2'];
    const { stdout } = await isotherm(args, { dataDir: directory });
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(lines).toMatchObject([
      { reader: 'replay', from: '2026-11-22T10:00:00.000Z', direction: 'in', directionReason: '1 of 2 tags moved in' },
    ]);
    // As a spreadsheet saves "Unicode text": UTF-16 with its mark, tabs and line ends of two characters.
    const unicode = join(directory, 'passes.txt');
    const text = READS.replaceAll(',', '\t').replaceAll('\n', '\r\n');
    writeFileSync(unicode, Buffer.from(`\uFEFF${text}`, 'utf16le'));
    const again = await isotherm(args.with(2, unicode), { dataDir: directory });
    expect(again.stdout).toBe(stdout);
  });

  test('two doors in one file, rows twice and in no order, with numbers of tags: a pass at each door, the right way', async () => {
    const epc = 'urn:epc:id:sgtin:0614141.812345.1';
    const row = (second: number, reader: string, antenna: number, tid: string) =>
      `2026-11-22T10:00:0${second},5Z;${epc};${antenna};-52,5;${reader};${tid}`;
    const rows = [
      ...[row(3, 'east', 2, 'E280116020007A520B1C5E71'), row(1, 'east', 1, 'e280116020007a520b1c5e71')],
      ...[row(2, 'west', 2, ''), row(2, 'west', 2, ''), row(4, 'west', 1, '')],
    ];
    const text = `\uFEFFsep=;\r\nTime;EPC;Antenna;RSSI;Reader;TID\r\n${rows.join('\r\n')}\r\n`;
    const args = ['simulate', 'replay', file('doors.csv', text), '--passes', '--outside', '1', '--inside', '2'];
    const { code, stdout } = await isotherm(args, { dataDir: directory });
    const passes = stdout
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    const from = (second: number) => `2026-11-22T10:00:0${second}.500Z`;
    expect(code).toBe(0);
    expect(passes).toHaveLength(2);
    expect(passes).toMatchObject([
      { reader: 'east', from: from(1), direction: 'in', tags: [{ epc, count: 2, tids: ['E280116020007A520B1C5E71'] }] },
      { reader: 'west', from: from(2), direction: 'out', tags: [{ epc, count: 3 }] },
    ]);
  });
});

describe('isotherm simulate', () => {
  test('a fleet of loggers reports and ends by itself', async () => {
    const scenario = file('fleet.yaml', 'kind: fleet\nloggers: 3\nevery: 500ms\nfor: 2s\n');
    const args = ['simulate', scenario, '--mqtt', platform.url, '--password', 'x'];
    const { code, stdout } = await isotherm(args, { dataDir: directory });
    expect([code, JSON.parse(stdout)]).toEqual([0, { scenario: 'fleet', loggers: 3, readings: 24 }]);
  });

  test('lists what it can play', async () => {
    const { code, stdout } = await isotherm(['simulate', '--list'], { dataDir: directory });
    expect([code, stdout.split('\n').map((line) => line.split(' ')[0])]).toEqual([0, ['fleet', 'portal', 'rush', '']]);
  });
});

describe('isotherm doctor', () => {
  test('says what is wrong in plain words and exits 1, and 0 when it is mended', async () => {
    const reader = new SimulatedReader({ time: systemTime, antennas: 2 });
    await reader.start();
    const config = (url: string, antenna: number) =>
      file(
        'gateway.yaml',
        `id: gw-1\nmqtt: { url: "${url}" }\ndataDir: ${join(directory, 'spool')}
readers: [{ id: dock-1, host: 127.0.0.1, port: ${reader.port}, antennas: [{ antenna: ${antenna} }] }]\n`,
      );
    const bad = await isotherm(['doctor', '--config', config('mqtt://127.0.0.1:1', 7)], { dataDir: directory });
    expect(bad.code).toBe(1);
    expect(bad.stdout).toMatch(/BAD +platform mqtt:\/\/127.0.0.1:1: nobody listens there/);
    expect(bad.stdout).toMatch(/BAD +reader dock-1: antenna 7 is configured, it has 2; mend antennas/);
    const good = await isotherm(['doctor', '--config', config(platform.url, 1)], { dataDir: directory });
    await reader.stop();
    expect(good.stdout).toMatch(/ok +platform .*: it is there and takes the credentials of gw-1/);
    expect([good.code, good.stdout]).toEqual([0, expect.stringMatching(/nothing is wrong\n$/)]);
  });
});
