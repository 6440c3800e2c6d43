import { SMTPServer } from 'smtp-server';
import { afterEach, expect, test } from 'vitest';
import { systemTime } from '../../../domain/index.ts';
import { type Channel, channelSchema } from '../../config.ts';
import { Receiver } from '../../testing/receiver.ts';
import { senderOf } from '../sender.ts';

const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const part of running.splice(0)) await part.stop();
});

const alert = {
  ...{ id: 'alrt_1', kind: 'threshold', severity: 'critical', state: 'open', rule: { id: 'cold', version: 3 } },
  subject: { device: 'truck_7*', metric: 'temperature' },
  summary: 'truck_7* above 8 °C <for> "37 min" & more',
  ...{ from: '2026-11-22T10:00:00.000Z', to: null, detectedAt: '2026-11-22T10:10:00.000Z', detectedLate: false },
  evidence: { limit: 8, extreme: 11.4, minutesOutOfRange: 37, endedBy: null, runs: [], readings: [], changes: [] },
  affected: { count: 0, serials: [] },
  ...{ mergedInto: null, splitFrom: null, acknowledgedBy: null, acknowledgedAt: null, resolvedBy: null },
  ...{ resolvedAt: null, assignedTo: null, snoozedUntil: null, reopened: 0, revision: 4 },
};
const bodyOf = (type: string, change: object = {}) =>
  JSON.stringify({ type, timestamp: '2026-11-22T10:10:00.000Z', data: { alert: { ...alert, ...change } } });
const links = () => ({ page: 'https://iso.example', acknowledge: () => 'https://iso.example/acknowledge/abc' });

async function receiver(): Promise<{ hook: Receiver; url: string }> {
  const hook = new Receiver();
  running.push(hook);
  return { hook, url: await hook.start() };
}

async function send(channel: unknown, body = bodyOf('alert.opened'), event = 'evt_1') {
  const sender = senderOf(channelSchema.parse(channel) as Channel, { time: systemTime, outgoing: null, links });
  return sender.send({ event, body }, new AbortController().signal);
}

test('Slack gets blocks within its limits, with the three characters of its markup escaped', async () => {
  const { hook, url } = await receiver();
  await send({ id: 's', kind: 'slack', url }, bodyOf('alert.opened', { summary: `<!channel> & ${'x'.repeat(4_000)}` }));
  const body = JSON.parse((await hook.gets(1))[0]?.body ?? '');
  expect(body.blocks.length).toBeLessThanOrEqual(50);
  expect(body.blocks[0].text.text.length).toBeLessThanOrEqual(150);
  expect(JSON.stringify(body.blocks.slice(1))).not.toContain('<!channel>');
  expect(body.text).not.toContain('<!channel>');
  expect(body.text.length).toBeLessThanOrEqual(3_000);
});

test('no receiver gets half a character, however a text is cut', async () => {
  const { hook, url } = await receiver();
  const bot = { id: 'b', kind: 'telegram', url: new URL(url).origin, secret: `123:${'a'.repeat(35)}`, chat: '-5' };
  const channels = [
    ...[{ id: 's', kind: 'slack', url }, bot, { id: 'p', kind: 'pagerduty', url, secret: 'a'.repeat(32) }],
    ...[
      { id: 'h', kind: 'http', url, body: '{"text":"{{text}}","sms":"{{sms}}"}' },
      { id: 't', kind: 'teams', url },
    ],
  ];
  for (const pad of ['', 'x']) {
    for (const channel of channels)
      await send(channel, bodyOf('alert.opened', { summary: `${pad}${'😀'.repeat(4_000)}` }));
  }
  for (const { body } of await hook.gets(10)) expect(body).not.toMatch(/\\ud[89a-f]/i);
});

test('a card for Teams stays below 28 kB, however long the names in it are', async () => {
  const { hook, url } = await receiver();
  const long = '货'.repeat(3_000);
  const serials = Array.from({ length: 10 }, (_, n) => ({ epc: `${long}${n}`, gtin: null, serial: null, lot: null }));
  const change = { subject: { device: long, metric: 'temperature' }, affected: { count: 10, serials } };
  await send({ id: 't', kind: 'teams', url }, bodyOf('alert.opened', change));
  expect(Buffer.byteLength((await hook.gets(1))[0]?.body ?? '')).toBeLessThan(28 * 1_024);
});

test('a group of Telegram that became a supergroup is told at its new number', async () => {
  const { hook, url } = await receiver();
  const description = 'Bad Request: group chat was upgraded to a supergroup chat';
  const moved = { ok: false, error_code: 400, description, parameters: { migrate_to_chat_id: -1001557912345 } };
  hook.answer = (response, n) =>
    n === 0 ? response.writeHead(400).end(JSON.stringify(moved)) : response.writeHead(200).end('{"ok":true}');
  const bot = { id: 'b', kind: 'telegram', url: new URL(url).origin, secret: `123:${'a'.repeat(35)}`, chat: '-5' };
  expect(await send(bot)).toBeNull();
  expect((await hook.gets(2)).map(({ body }) => JSON.parse(body).chat_id)).toEqual(['-5', '-1001557912345']);
});

test('Slack, Teams and Telegram that answer 200 and say that they took nothing have taken nothing', async () => {
  const { hook, url } = await receiver();
  hook.answer = (response) => response.writeHead(200).end('invalid_blocks');
  await expect(send({ id: 's', kind: 'slack', url })).rejects.toThrow(/took nothing: invalid_blocks/);
  hook.answer = (response) => response.writeHead(200).end('Webhook message delivery failed with error: 429');
  await expect(send({ id: 't', kind: 'teams', url })).rejects.toThrow(/took nothing/);
  hook.answer = (response) => response.writeHead(200).end('{"ok":false,"description":"chat not found"}');
  await expect(send({ id: 'b', kind: 'telegram', url, secret: `123:${'a'.repeat(35)}`, chat: '-5' })).rejects.toThrow(
    /chat not found/,
  );
});

test('Microsoft Teams gets an adaptive card in which the name of a device reads as it is', async () => {
  const { hook, url } = await receiver();
  await send({ id: 't', kind: 'teams', url });
  const { attachments } = JSON.parse((await hook.gets(1))[0]?.body ?? '');
  expect(attachments[0].contentType).toBe('application/vnd.microsoft.card.adaptive');
  expect(attachments[0].content.body[0].text).toContain('truck\\_7\\*');
  expect(attachments[0].content.actions.map(({ url }: { url: string }) => url)).toEqual([
    'https://iso.example/alerts/alrt_1',
    'https://iso.example/acknowledge/abc',
  ]);
});

test('PagerDuty: one alert is one incident, triggered, acknowledged and resolved by its id', async () => {
  const { hook, url } = await receiver();
  const channel = { id: 'p', kind: 'pagerduty', url, secret: 'a'.repeat(32) };
  await send(channel);
  await send(channel, bodyOf('alert.acknowledged', { state: 'acknowledged', acknowledgedBy: 'anna' }), 'evt_2');
  await send(channel, bodyOf('alert.retracted', { state: 'retracted' }), 'evt_3');
  const bodies = (await hook.gets(3)).map(({ body }) => JSON.parse(body));
  expect(bodies.map(({ event_action }) => event_action)).toEqual(['trigger', 'acknowledge', 'resolve']);
  expect(new Set(bodies.map(({ dedup_key }) => dedup_key))).toEqual(new Set(['alrt_1']));
  expect(bodies[0].payload).toMatchObject({ severity: 'critical', source: 'Isotherm' });
});

test('ntfy gets a title beyond ASCII as JSON, its topic from the address, the token as bearer', async () => {
  const { hook, url } = await receiver();
  await send({ id: 'n', kind: 'ntfy', url: url.replace('/hook', '/base/cold-chain'), secret: 'tk_1' });
  const [first] = await hook.gets(1);
  expect(first?.path).toBe('/base/');
  expect(first?.headers.authorization).toBe('Bearer tk_1');
  expect(JSON.parse(first?.body ?? '')).toMatchObject({
    topic: 'cold-chain',
    priority: 5,
    title: expect.stringContaining('°C'),
  });
});

test('Telegram gets plain text, and buttons', async () => {
  const { hook, url } = await receiver();
  await send({
    id: 'b',
    kind: 'telegram',
    url: new URL(url).origin,
    secret: `123:${'a'.repeat(35)}`,
    chat: '@cold_chain',
  });
  const [first] = await hook.gets(1);
  expect(first?.path).toBe(`/bot123:${'a'.repeat(35)}/sendMessage`);
  const body = JSON.parse(first?.body ?? '');
  expect(body).not.toHaveProperty('parse_mode');
  expect(body.text).toContain('truck_7* above 8 °C <for> "37 min" & more');
  expect(body.reply_markup.inline_keyboard[0]).toHaveLength(2);
});

test.each([
  ['application/json', '{"m":"{{text}}","to":"{{to}}"}', (body: string) => JSON.parse(body).m],
  [
    'application/x-www-form-urlencoded',
    'Body={{text}}&To={{to}}',
    (body: string) => new URLSearchParams(body).get('Body'),
  ],
  [
    'application/xml',
    '<m to="{{to}}">{{text}}</m>',
    (body: string) =>
      /<m to="\+491">(.*)<\/m>/
        .exec(body)?.[1]
        ?.replaceAll('&lt;', '<')
        .replaceAll('&gt;', '>')
        .replaceAll('&quot;', '"')
        .replaceAll('&amp;', '&'),
  ],
])('an HTTP provider that takes %s gets the text as one value, whatever stands in it', async (type, template, read) => {
  const { hook, url } = await receiver();
  const channel = { id: 'h', kind: 'http', url, to: ['+491'], secret: 'k', body: template };
  await send({ ...channel, headers: { 'content-type': type, authorization: 'Bearer {{secret}}' } });
  const [first] = await hook.gets(1);
  expect(first?.headers.authorization).toBe('Bearer k');
  expect(read(first?.body ?? '')).toMatch(
    /^Critical: truck_7\* above 8 °C <for> "37 min" & more\. .*https:\/\/iso\.example\/alerts\/alrt_1$/,
  );
});

describeMail();

function describeMail() {
  interface Got {
    readonly data: string;
    readonly to: readonly string[];
    readonly user: string | undefined;
  }

  async function mailServer(refuse: readonly string[] = []): Promise<{ url: string; mails: Got[] }> {
    const mails: Got[] = [];
    const server = new SMTPServer({
      ...{ authOptional: true, disabledCommands: ['STARTTLS'], allowInsecureAuth: true },
      onAuth: ({ username, password }, _session, callback) =>
        password === 'pass word' ? callback(null, { user: username ?? '' }) : callback(new Error('535 no')),
      onRcptTo: ({ address }, _session, callback) =>
        refuse.includes(address) ? callback(new Error('550 no such mailbox')) : callback(),
      onData: (stream, session, callback) => {
        let data = '';
        stream.on('data', (chunk: Buffer) => {
          data += chunk.toString('utf8');
        });
        stream.on('end', () => {
          const to = session.envelope.rcptTo.map(({ address }) => address);
          mails.push({ data, to, user: session.user as string | undefined });
          callback();
        });
      },
    });
    server.on('error', () => {});
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    running.push({ stop: () => new Promise((resolve) => server.close(() => resolve())) });
    const { port } = server.server.address() as { port: number };
    return { url: `smtp://ops@127.0.0.1:${port}`, mails };
  }

  const mail = {
    id: 'mail',
    kind: 'email',
    secret: 'pass word',
    from: 'iso@plant.example',
    to: ['a@x.example', 'b@x.example'],
  };

  test('a mail comes in text and HTML, in the thread of its alert, and under the same id at every attempt', async () => {
    const { url, mails } = await mailServer();
    expect(await send({ ...mail, url })).toBeNull();
    await send({ ...mail, url });
    await send({ ...mail, url }, bodyOf('alert.resolved', { state: 'resolved', resolvedBy: 'anna' }), 'evt_2');
    const header = (data: string, name: string) => new RegExp(`^${name}: (.*(?:\\r\\n .*)*)`, 'im').exec(data)?.[1];
    expect(mails.map(({ to, user }) => [to, user])).toEqual(Array(3).fill([['a@x.example', 'b@x.example'], 'ops']));
    expect(new Set(mails.map(({ data }) => header(data, 'References')))).toEqual(
      new Set(['<alert.alrt_1@plant.example>']),
    );
    expect(mails.map(({ data }) => header(data, 'Message-ID'))).toEqual([
      '<evt_1.mail@plant.example>',
      '<evt_1.mail@plant.example>',
      '<evt_2.mail@plant.example>',
    ]);
    expect(header(mails[0]?.data ?? '', 'Auto-Submitted')).toBe('auto-generated');
    expect(mails[0]?.data).toContain('multipart/alternative');
  });

  test('a mail that one of several receivers is refused is delivered, and says who did not get it; refused by all it is not', async () => {
    const one = await mailServer(['b@x.example']);
    expect(await send({ ...mail, url: one.url })).toBe('the server did not take it for b@x.example');
    expect(one.mails.map(({ to }) => to)).toEqual([['a@x.example']]);
    const none = await mailServer(mail.to);
    await expect(send({ ...mail, url: none.url })).rejects.toMatchObject({ code: 'WEBHOOK_FAILED' });
  });

  test('a name with line ends becomes no header, and a mail has neither long lines nor bytes beyond ASCII', async () => {
    const { url, mails } = await mailServer();
    const summary = `truck\r\nBcc: thief@evil.example\r\n\r\n<script> ${'ż'.repeat(3_000)}`;
    await send(
      { ...mail, url },
      bodyOf('alert.opened', { summary, subject: { device: 'x\r\nBcc: thief@evil.example' } }),
    );
    const [{ data, to } = { data: '', to: [] }] = mails;
    expect(to).toEqual(['a@x.example', 'b@x.example']);
    expect(data.slice(0, data.indexOf('\r\n\r\n'))).not.toMatch(/^Bcc:/im);
    expect(Math.max(...data.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(998);
    expect(data).toMatch(/^\p{ASCII}*$/u);
  });

  test('a wrong password, and a server that is not there, are said in a line', async () => {
    const { url } = await mailServer();
    await expect(send({ ...mail, url, secret: 'wrong' })).rejects.toThrow(/^[^\n]*(535|Invalid login)[^\n]*$/);
    await expect(send({ ...mail, url: 'smtp://127.0.0.1:1' })).rejects.toThrow(/ECONNREFUSED/);
  });

  test('a password does not go over a line in the clear to another machine', async () => {
    const { mails, url } = await mailServer();
    // A name that is this machine, and that the channel does not know to be.
    const named = url.replace('127.0.0.1', '0x7f.1');
    await expect(send({ ...mail, url: named })).rejects.toThrow(/STARTTLS|TLS/i);
    expect(mails).toEqual([]);
  });
}
