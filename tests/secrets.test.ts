import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { expect, test, vi } from 'vitest';
import { isotherm, startIsotherm } from './isotherm-process.ts';

/** Each recognisable wherever it turns up. */
const SECRETS = {
  mqttPassword: 'Xmqttpassword7391',
  influxToken: 'Xinfluxtoken7392',
  monitorToken: 'Xmonitortoken7393',
  webhookKey: Buffer.from('Xwebhooksecret7394abcd').toString('base64'),
  userPassword: 'Xuser password 7395',
  wrongPassword: 'Xwrong password 7396',
  redisPassword: 'Xredispassword7397',
  databasePassword: 'Xdatabasepassword7398',
};

const dataDir = mkdtempSync(join(tmpdir(), 'isotherm-secrets-'));
const configFile = join(dataDir, 'isotherm.yaml');

/** Which secrets stand in a text, by their name. */
function leaked(text: string, more: Readonly<Record<string, string>> = {}): string[] {
  return Object.entries({ ...SECRETS, ...more }).flatMap(([name, secret]) => {
    const forms = [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64'), JSON.stringify(secret)];
    return forms.some((form) => text.includes(form)) ? [name] : [];
  });
}

test('no secret stands in a log line, an error, an address, the page, a metric, a list or a backup’s manifest', async () => {
  const channel = {
    id: 'ops-hook',
    kind: 'webhook',
    url: 'http://127.0.0.1:9/hook',
    secret: `whsec_${SECRETS.webhookKey}`,
  };
  writeFileSync(
    configFile,
    JSON.stringify({
      http: { monitorToken: SECRETS.monitorToken },
      alerts: { channels: [channel], route: { channel: 'ops-hook' } },
      log: { level: 'debug' },
    }),
  );
  const env = {
    // Nobody listens at any of them: everything that can be said about that is said.
    MQTT_URL: `mqtt://isotherm:${SECRETS.mqttPassword}@127.0.0.1:9`,
    ...{ INFLUX_URL: 'http://127.0.0.1:9', INFLUX_TOKEN: SECRETS.influxToken },
    ...{ INFLUX_ORG: 'isotherm', INFLUX_BUCKET: 'readings' },
  };
  const shown: string[] = [];
  const run = async (args: string[], more: { env?: Record<string, string>; stdin?: string } = {}) => {
    const { code, stdout, stderr } = await isotherm(args, { dataDir, ...more, env: { ...env, ...more.env } });
    return { code, stdout, stderr };
  };
  const server = await startIsotherm({ command: 'serve', dataDir, env });
  try {
    const made = await run(['user', 'create', 'ada', '--role', 'admin', '--password-stdin'], {
      stdin: SECRETS.userPassword,
    });
    shown.push(made.stdout, made.stderr);
    const token = (await run(['token', 'create', 'erp', '--role', 'admin'])).stdout.trim();
    const created = await run(['device', 'create', 'logger-7', '--kind', 'device']);
    const { password: devicePassword } = JSON.parse(created.stdout) as { password: string };
    const own = { token, devicePassword };

    const ask = async (path: string, init: RequestInit = {}) => {
      const answer = await fetch(`${server.httpUrl}${path}`, init);
      shown.push(await answer.text(), ...[...answer.headers].filter(([name]) => name !== 'set-cookie').flat());
      return answer;
    };
    const json = { 'content-type': 'application/json' };
    const bearer = { authorization: `Bearer ${token}` };
    const signIn = (password: string, username = 'ada') =>
      ask('/api/v1/session', { method: 'POST', headers: json, body: JSON.stringify({ username, password }) });
    expect((await signIn(SECRETS.wrongPassword)).status).toBe(401);
    expect((await signIn(SECRETS.userPassword)).status).toBe(200);
    await ask('/api/v1/session', { method: 'POST', headers: json, body: `{"password":"${SECRETS.wrongPassword}"` });
    await ask('/api/v1/users', {
      method: 'POST',
      headers: { ...json, ...bearer },
      body: JSON.stringify({ name: 'x y', role: 'none', password: SECRETS.wrongPassword }),
    });
    await ask('/api/v1/devices', { headers: { authorization: `Bearer ${SECRETS.wrongPassword}` } });
    await ask('/api/v2/write?bucket=x', {
      method: 'POST',
      headers: { authorization: `Token logger-7:${SECRETS.wrongPassword}` },
      body: 'x',
    });
    for (const path of ['/', '/readyz', '/metrics', '/openapi.json']) await ask(path, { headers: bearer });
    for (const path of [
      'users',
      'tokens',
      'credentials',
      'audit',
      'alerts',
      'devices',
      'quarantine',
      'sign-in',
      'channels',
      'health',
      'organisation',
    ]) {
      await ask(`/api/v1/${path}`, { headers: bearer });
    }
    await vi.waitFor(() => expect(server.log()).toContain('the MQTT broker is away'), { timeout: 30_000 });
    for (const args of [['config'], ['doctor'], ['token', 'list'], ['user', 'list'], ['device', 'list']]) {
      const { stdout, stderr } = await run(args);
      shown.push(stdout, stderr);
    }
    const backup = join(dataDir, 'backup');
    shown.push(...Object.values(await run(['backup', backup])).map(String));
    for (const name of readdirSync(backup).filter((file) => /manifest/i.test(file))) {
      shown.push(readFileSync(join(backup, name), 'utf8'));
    }
    expect(leaked(shown.join('\n'), own)).toEqual([]);
    expect(leaked(server.log(), own)).toEqual([]);
    expect(leaked(server.output(), own)).toEqual([]);

    // What fails to start says why, and not with what.
    const away = { env: { REDIS_URL: `redis://:${SECRETS.redisPassword}@127.0.0.1:9` } };
    const database = { env: { DATABASE_URL: `postgres://isotherm:${SECRETS.databasePassword}@127.0.0.1:9/isotherm` } };
    const bad = { env: { REDIS_URL: `http://${SECRETS.redisPassword}`, DATABASE_URL: SECRETS.databasePassword } };
    for (const more of [away, database, bad]) {
      const config = await run(['config'], more);
      const tokens = await run(['token', 'list'], more);
      expect(leaked([config.stdout, config.stderr, tokens.stdout, tokens.stderr].join('\n'), own)).toEqual([]);
    }
  } finally {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}, 240_000);

test('a password that is refused by MQTT is in no log line', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'isotherm-secrets-'));
  const server = await startIsotherm({ command: 'serve', dataDir: folder });
  try {
    const options = { clientId: 'logger-8', username: 'logger-8', password: SECRETS.wrongPassword, reconnectPeriod: 0 };
    await expect(connectAsync(server.mqttUrl, options)).rejects.toThrow();
    await vi.waitFor(() => expect(server.log()).toContain('MQTT connection refused'));
    expect(leaked(server.log())).toEqual([]);
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}, 120_000);
