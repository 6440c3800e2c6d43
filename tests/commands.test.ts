import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testDatabase } from '../storage/testing/database.ts';
import { builtProgram } from './built-program.ts';
import { isotherm } from './isotherm-process.ts';

/*
 * What an operator gets from a mistake: one line that names it, on stderr, and an exit code; never a stack trace.
 */

let dataDir = '';
beforeAll(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'isotherm-commands-'));
  mkdirSync(join(dataDir, 'a-directory'));
  writeFileSync(join(dataDir, 'a-file'), '');
  writeFileSync(join(dataDir, 'broken.yaml'), 'http: [\n');
  writeFileSync(join(dataDir, 'port.yaml'), 'http:\n  port: 99999\n');
  const rule = '  - { id: a, kind: threshold, metric: temperature, above: 8, clearAbove: 9 }\n';
  writeFileSync(join(dataDir, 'rules.yaml'), `rules:\n${rule}`);
});
afterAll(() => rmSync(dataDir, { recursive: true }));

const run = (command: string, env: Record<string, string> = {}, stdin = '') =>
  isotherm(
    command.split(' ').filter((word) => word !== ''),
    { dataDir, env: { ISOTHERM_HTTP_PORT: '0', ISOTHERM_MQTT_PORT: '0', ...env }, stdin },
  );

describe('a mistake on the command line', () => {
  test.each([
    ['frobnicate', {}, 2, /unknown command "frobnicate"/],
    ['serve --frob', {}, 2, /Unknown option '--frob'$/],
    // serve used to take any word and run; a typed "serve demo" went unnoticed.
    ['serve demo', {}, 2, /usage: isotherm serve/],
    ['config --config a-directory', {}, 2, /a-directory: cannot be read \(EISDIR\)$/],
    ['config --config nope.yaml', {}, 2, /nope.yaml: no such file$/],
    ['config --config broken.yaml', {}, 2, /broken.yaml:\d+: /],
    ['config --config port.yaml', { ISOTHERM_HTTP_PORT: '' }, 2, /port.yaml:2: http.port: given 99999, allowed: /],
    ['config', { ISOTHERM_HTTP_PORT: 'abc' }, 2, /ISOTHERM_HTTP_PORT: http.port: given "abc", allowed: /],
    ['gateway --config a-directory', {}, 2, /a-directory: cannot be read/],
    ['gateway --config broken.yaml', {}, 2, /broken.yaml:\d+: /],
    ['user create ana --role king', {}, 2, /--role: given "king", allowed: logistics, /],
    ['user frob ana', {}, 2, /usage: isotherm user list \| create/],
    ['token create erp --role dock --expires soon', {}, 2, /--expires: given "soon", allowed: a whole number/],
    ['device create gw --kind toaster', {}, 2, /--kind: given "toaster", allowed: device, gateway, service/],
    ['device create a/b', {}, 2, /device id: given "a\/b", allowed: /],
    ['readings', {}, 2, /usage: isotherm readings status\|pack\|unpack\|check/],
    ['readings pack all', {}, 2, /usage: isotherm readings status/],
    ['readings unpack', { ISOTHERM_READINGS_PACK: 'true' }, 2, /readings.pack is on: .* set it to false/],
    ['llrp decode nope.bin', {}, 2, /nope.bin: cannot be read \(ENOENT\)/],
    ['serve', { ISOTHERM_RULES_FILE: 'rules.yaml' }, 2, /rules.yaml:2: .*clearAbove/],
    ['serve', { ISOTHERM_MQTT_TLS_CERT: 'a-file' }, 2, /mqtt.tls.key: not given, allowed: a PEM file/],
    // What OpenSSL makes of it came as a defect, with its stack, after everything else had been started.
    [
      'serve',
      { ISOTHERM_MQTT_TLS_CERT: 'a-file', ISOTHERM_MQTT_TLS_KEY: 'a-file' },
      2,
      /mqtt.tls: given "a-file" and "a-file", which are no certificate and its key/,
    ],
    ['migrate', { DATABASE_URL: 'mysql://x' }, 2, /DATABASE_URL: database.url: .*allowed: postgres:/],
    ['migrate', { DATABASE_URL: 'postgres://u:p@127.0.0.1:1/x' }, 1, /the database is away: .*127.0.0.1:1/],
    ['migrate', { ISOTHERM_DATA_DIR: 'a-file' }, 1, /data directory .*a-file cannot be used/],
    // Node's recursive mkdir never came back from here.
    ['migrate', { ISOTHERM_DATA_DIR: '/proc/isotherm' }, 1, /data directory \/proc\/isotherm cannot be used/],
  ])('%s %o ends with %i and one line', async (command, env, code, line) => {
    const ended = await run(command, env);
    const [first = '', ...more] = ended.stderr.trimEnd().split('\n');
    expect(first).toMatch(line);
    expect({ more, code: ended.code, stdout: ended.stdout }).toEqual({ more: [], code, stdout: '' });
  });

  // It ended with Node's own code 13 and a warning about an unsettled await.
  test('a password that nobody types is asked for once, then it is an error', async () => {
    const ended = await run('user create ana --role quality');
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(/^Password: \nisotherm: no password was given; [^\n]*\n$/);
  });
});

// The last 64 KiB went missing, with exit code 0.
test('a reader that starts when all is written gets every line', async () => {
  const rules = 'rules:\n  - { id: knock, kind: shock, limit: 1 }\n';
  writeFileSync(join(dataDir, 'knocks.yaml'), rules);
  // The last reading is not taken, which is told on stderr once all else is written.
  const rows = Array.from({ length: 600 }, (_, i) => `${i},d,shock,${i},${i < 599 ? 9 : -1}\n`);
  writeFileSync(join(dataDir, 'knocks.csv'), `arrival,device,metric,time,value\n${rows.join('')}`);
  const backtest = '"$0" "$1" rules backtest --rules knocks.yaml --readings knocks.csv --final 2>told';
  const script = `mkfifo told; ${backtest} | { exec 3<told; read -r _ <&3; cat; }`;
  const { stdout } = await promisify(execFile)('sh', ['-c', script, process.execPath, await builtProgram()], {
    cwd: dataDir,
  });
  expect(stdout.trimEnd().split('\n')).toHaveLength(599);
  expect(stdout).toMatch(/"detectedLate":false}\n$/);
});

describe('a port that is taken', () => {
  test.each(['serve', 'demo'])(
    'is named by %s, with the setting that changes it, before anything starts',
    async (command) => {
      const other = createServer().listen(0, '127.0.0.1');
      await once(other, 'listening');
      const { port } = other.address() as AddressInfo;
      const ended = await run(command, { ISOTHERM_MQTT_PORT: String(port) });
      other.close();
      expect(ended).toMatchObject({ code: 1, stdout: '' });
      expect(ended.stderr).toMatch(
        new RegExp(`^isotherm: port ${port} [^\\n]*mqtt.port \\(ISOTHERM_MQTT_PORT\\)[^\\n]*\\n$`),
      );
    },
  );
});

/** The notice, and what comes in at Lyon without one of its vials, of docs/rules.md, "Tests of passes". */
const PASSES = `doors: { lyon-1: { site: site:lyon } }
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
`;

describe('a backtest', () => {
  // With --context the CSV was read while the context file was, nobody got its lines, and the program ended with 13.
  test('with a context prints the same finding as a rule without appliesTo does without one', async () => {
    const rule = (more: string) => `rules: [{ id: warm, kind: threshold, metric: temperature, above: 8${more} }]\n`;
    writeFileSync(join(dataDir, 'all.yaml'), rule(''));
    writeFileSync(join(dataDir, 'some.yaml'), rule(`, appliesTo: 'profile == "2-8C"'`));
    writeFileSync(join(dataDir, 'context.yaml'), 'devices: { logger-7: { profile: 2-8C } }\n');
    const rows = [9, 5].map((value, minute) => {
      const time = `2026-11-22T10:0${minute}:00Z`;
      return `${time},logger-7,temperature,${time},${value}\n`;
    });
    writeFileSync(join(dataDir, 'readings.csv'), `arrival,device,metric,time,value\n${rows.join('')}`);
    const without = await run('rules backtest --rules all.yaml --readings readings.csv --final');
    expect(without).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/^\{"rule":"warm".*\}\n$/) });
    const given = '--rules some.yaml --readings readings.csv --context context.yaml --final';
    expect(await run(`rules backtest ${given}`)).toEqual(without);
  });

  test('prints what rules over passes find in what the context tells of doors, among the rest', async () => {
    const [warm, shortage] = [
      '{ id: warm, kind: threshold, metric: temperature, above: 8 }',
      '{ id: short, kind: shortage, appliesTo: \'lane == "site:berlin>site:lyon"\' }',
    ];
    writeFileSync(join(dataDir, 'both.yaml'), `rules:\n  - ${warm}\n  - ${shortage}\n`);
    writeFileSync(join(dataDir, 'passes.yaml'), `devices: { logger-7: { profile: 2-8C } }\n${PASSES}`);
    const row = (minute: number, value: number) =>
      `2026-11-22T10:0${minute}:00Z,logger-7,temperature,2026-11-22T10:0${minute}:00Z,${value}\n`;
    writeFileSync(join(dataDir, 'both.csv'), `arrival,device,metric,time,value\n${row(0, 9)}${row(1, 5)}`);
    const given = 'rules backtest --rules both.yaml --context passes.yaml';
    const short =
      '{"rule":"short","key":"portal:lyon-1","from":"2026-11-22T15:00:00.000Z","to":"2026-11-22T15:00:01.501Z","endedBy":null,"extreme":null,"readings":0,"detectedLate":false,"serials":1,"said":"1 serial of SHP-1 did not come with the rest at lyon-1"';
    const both = await run(`${given} --readings both.csv --final`);
    expect(both).toMatchObject({ code: 0, stderr: '' });
    expect(both.stdout.trimEnd().split('\n')).toEqual([`${short}}`, expect.stringMatching(/^\{"rule":"warm"/)]);
    const alone = await run(given);
    expect(alone).toEqual({
      ...{ code: 0, stderr: '' },
      stdout: `${short},"event":"opened","arrival":"2026-11-22T16:00:01.500Z"}\n`,
    });
  });

  test('plays what is received later than it happened: taken back where a notice comes late, found where one does', async () => {
    const rules =
      'rules:\n  - { id: short, kind: shortage, when: receipt }\n  - { id: unannounced, kind: unexpected }\n';
    writeFileSync(join(dataDir, 'late.yaml'), rules);
    const unpacked =
      'unpacked: [{ unit: urn:epc:id:sscc:0614141.1000000001, children: [urn:epc:id:sgtin:0614141.812345.2], from: 2026-11-22T12:00:00Z, received: 2026-11-22T20:00:00Z }]\n';
    const received = '    arrives: 2026-11-22T16:00:00Z\n    received: 2026-11-22T18:00:00Z\n';
    const told = PASSES.replace('    arrives: 2026-11-22T16:00:00Z\n', received) + unpacked;
    writeFileSync(join(dataDir, 'late-notice.yaml'), told);
    const given = 'rules backtest --rules late.yaml --context late-notice.yaml';
    const { code, stdout, stderr } = await run(given);
    expect([code, stderr]).toEqual([0, '']);
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines[0]).toMatchObject({
      rule: 'unannounced',
      said: expect.stringMatching(/^\d+ serials? nobody expects at lyon-1$/),
    });
    expect(lines.map((line) => [line.rule, line.event, line.arrival, line.detectedLate, line.reason])).toEqual([
      ['unannounced', 'opened', '2026-11-22T15:00:06.500Z', false, undefined],
      ['unannounced', 'retracted', '2026-11-22T18:00:00.000Z', false, 'the notice of SHP-1 arrived'],
      ['short', 'opened', '2026-11-22T18:00:00.000Z', true, 'the notice of SHP-1 arrived'],
      [
        ...['short', 'retracted', '2026-11-22T20:00:00.000Z', true],
        'we heard that 1 were unpacked from urn:epc:id:sscc:0614141.1000000001',
      ],
    ]);
  });

  test('says which rules over passes nobody judged, and what is wrong with what is told of doors', async () => {
    writeFileSync(join(dataDir, 'short.yaml'), 'rules: [{ id: short, kind: shortage }]\n');
    writeFileSync(join(dataDir, 'none.csv'), 'arrival,device,metric,time,value\n');
    writeFileSync(join(dataDir, 'other-door.yaml'), PASSES.replace('- door: lyon-1', '- door: lyon-9'));
    writeFileSync(join(dataDir, 'devices.yaml'), 'devices: { logger-7: {} }\n');
    expect(await run('rules backtest --rules short.yaml --readings none.csv --final')).toEqual({
      ...{ code: 0, stdout: '' },
      stderr: 'not judged, for no --context names doors and what they saw: short\n',
    });
    const bad = await run('rules backtest --rules short.yaml --readings none.csv --context other-door.yaml');
    expect(bad).toMatchObject({ code: 2, stdout: '' });
    expect(bad.stderr).toMatch(/^isotherm: other-door\.yaml:14: seen\[0\]\.door: "lyon-9", allowed: lyon-1\n$/);
    const nothing = await run('rules backtest --rules short.yaml --context devices.yaml');
    expect(nothing).toMatchObject({ code: 2, stderr: expect.stringMatching(/usage: isotherm rules/) });
  });
});

test('the built-in rules are printed as a rule file, which passes its own check', async () => {
  const { code, stdout } = await run('rules builtin');
  expect(code).toBe(0);
  writeFileSync(join(dataDir, 'builtin.yaml'), stdout);
  expect(await run('rules check builtin.yaml')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/no errors$/m),
  });
});

describe('help', () => {
  test.each(['help', '--help', 'serve --help', 'device -h'])('%s prints how, and is no error', async (command) => {
    const ended = await run(command);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(ended.stdout).toContain('isotherm ');
  });
});

describe('credentials of a device', () => {
  test('are printed as JSON, replaced, and withdrawn', async () => {
    const created = await run('device create logger-7');
    expect(created).toMatchObject({ code: 0, stderr: '' });
    const first = JSON.parse(created.stdout);
    expect(first).toEqual({ id: 'logger-7', username: 'logger-7', password: expect.stringMatching(/^.{20,}$/) });
    expect(await run('device create logger-7')).toMatchObject({ code: 1, stdout: '' });
    const rotated = JSON.parse((await run('device rotate logger-7')).stdout);
    expect(rotated.password).not.toBe(first.password);
    expect(await run('device revoke logger-7')).toMatchObject({ code: 0, stdout: '' });
    expect(await run('device rotate logger-7')).toMatchObject({ code: 2, stdout: '' });
  });
});

describe('the first admin', () => {
  test('is made once by a start that is repeated, and keeps the password it has', async () => {
    const database = await testDatabase();
    const create = (password: string, options = '') =>
      run(`user create anna --role admin --password-stdin ${options}`, { DATABASE_URL: database.url }, password);
    const hashes = async () => (await database.query('SELECT name, role, password_hash FROM users')).rows;
    expect(await create('first password', '--if-absent')).toMatchObject({ code: 0 });
    const made = await hashes();
    expect(made).toMatchObject([{ name: 'anna', role: 'admin' }]);
    expect(await create('another password', '--if-absent')).toEqual({
      code: 0,
      stdout: '',
      stderr: 'there is a user anna already\n',
    });
    expect(await create('another password')).toMatchObject({ code: 1 });
    expect(await hashes()).toEqual(made);
  });
});

describe('the configuration', () => {
  // A password in the query of a URL was printed.
  test('is printed without any secret, wherever in a URL it stands', async () => {
    const ended = await run('config', {
      DATABASE_URL: 'postgres://bob:hunter2@h/x?password=hunter2&sslmode=require',
      REDIS_URL: 'redis://:hunter2@h:6379',
      ISOTHERM_ALERTS_CHANNELS: JSON.stringify([
        {
          id: 'ops',
          kind: 'webhook',
          url: 'http://u:hunter2@h/x?t=hunter2',
          secret: 'whsec_aHVudGVyMmh1bnRlcjJodW50ZXIy',
        },
      ]),
    });
    expect(ended.code).toBe(0);
    expect(ended.stdout).not.toMatch(/hunter2|whsec_/);
    expect(ended.stdout).toContain('postgres://bob:***@h/x');
  });
});

describe('rule tests', () => {
  test('find their rule file from their own place and end with 1 where a finding is not as it should be', async () => {
    mkdirSync(join(dataDir, 'tests'));
    writeFileSync(
      join(dataDir, 'warm.yaml'),
      'rules: [{ id: warm, kind: threshold, metric: temperature, above: 8, for: 10m }]\n',
    );
    const series = '{ key: a/temperature, from: 2026-11-22T10:00:00Z, every: 5m, values: 9x3 5, late: 2h }';
    const found = (readings: number) =>
      `[{ rule: warm, key: a/temperature, from: 2026-11-22T10:00:00Z, readings: ${readings} }]`;
    const file = (readings: number) =>
      `rules: ../warm.yaml\ntests: [{ name: late, readings: [${series}], findings: ${found(readings)} }]\n`;
    writeFileSync(join(dataDir, 'tests', 'good.yaml'), file(3));
    writeFileSync(join(dataDir, 'tests', 'bad.yaml'), file(4));
    expect(await run('rules test tests/good.yaml')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^ok late\n/),
    });
    const failed = await run('rules test tests/good.yaml tests/bad.yaml');
    expect(failed).toMatchObject({ code: 1, stdout: expect.stringContaining('readings is 3, expected 4') });
  });
});

describe('access', () => {
  test('is listed without secrets, changed and taken away; the last admin stays', async () => {
    const database = await testDatabase();
    const env = { DATABASE_URL: database.url };
    const rows = async (command: string) =>
      (await run(command, env)).stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    await run('user create ada --role admin --password-stdin', env, 'some odd words');
    await run('user create quinn --role quality --password-stdin', env, 'other odd words');
    expect(await run('user create eve --role dock --password-stdin', env, 'letmein')).toMatchObject({ code: 2 });
    expect(await run('user role quinn operations', env)).toMatchObject({ code: 0 });
    expect(await run('user disable quinn', env)).toMatchObject({ code: 0 });
    expect(await run('user password quinn --password-stdin', env, 'yet other words')).toMatchObject({ code: 0 });
    expect(await rows('user list')).toEqual([
      { name: 'ada', role: 'admin', sites: 'all', disabled: false, createdAt: expect.any(String) },
      { name: 'quinn', role: 'operations', sites: 'all', disabled: true, createdAt: expect.any(String) },
    ]);
    expect(await run('user sites quinn site:lyon,site:berlin', env)).toMatchObject({
      ...{ code: 0, stderr: expect.stringContaining('sees site:berlin, site:lyon') },
    });
    expect((await rows('user list'))[1]).toMatchObject({ name: 'quinn', sites: ['site:berlin', 'site:lyon'] });
    for (const command of [
      'user sites quinn lyon',
      'user sites ada site:lyon',
      'token create x --role admin --sites site:lyon',
    ]) {
      expect(await run(command, env)).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/^[^\n]*sites: [^\n]*\n$/),
      });
    }
    for (const command of ['user delete ada', 'user disable ada', 'user role ada dock']) {
      const refused = await run(command, env);
      expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('ada is the last admin') });
    }
    expect(await run('user delete quinn', env)).toMatchObject({ code: 0 });
    expect(await run('user delete quinn', env)).toMatchObject({ code: 2 });
    const token = (await run('token create erp --role logistics --expires 90d', env)).stdout.trim();
    expect(token).toMatch(/^iso_/);
    const [listed] = await rows('token list');
    expect(listed).toMatchObject({ name: 'erp', role: 'logistics', lastUsedAt: null, createdBy: expect.any(String) });
    expect(Date.parse(String(listed?.expiresAt)) - Date.parse(String(listed?.createdAt))).toBe(90 * 86_400_000);
    expect(await run('token revoke erp', env)).toMatchObject({ code: 0 });
    expect(await run('token list', env)).toMatchObject({ code: 0, stdout: '' });
    await run('device create gw-1 --kind gateway --speaks-for dock-1,probe-7', env);
    expect(await run('device change gw-1 --speaks-for dock-1', env)).toMatchObject({ code: 0 });
    expect(await rows('device list')).toMatchObject([
      { id: 'gw-1', kind: 'gateway', speaksFor: ['dock-1'], waiting: [] },
    ]);
  }, 120_000);
});
