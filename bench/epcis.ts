/**
 * How long EPCIS documents of the greatest sizes take, and who waits meanwhile: `npm run bench -- epcis`; bounded, ends
 * by itself. Reading and hashing on one core, in CPU time, since it holds up the event loop; then the whole platform as
 * `isotherm serve` runs it, while /healthz is asked all the time.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Accounts } from '../access/index.ts';
import { eventHashId, readEpcis } from '../codecs/epcis/index.ts';
import { silentLogger, systemTime } from '../domain/index.ts';
import { openDatabase, runningEmbeddedUrl } from '../storage/index.ts';
import { type IsothermProcess, startIsotherm } from '../tests/isotherm-process.ts';

const MIB = 1024 * 1024;
const epc = (n: number) => `urn:epc:id:sgtin:0614141.812345.${n}`;
const observed = (epcList: readonly string[]) => ({
  ...{ type: 'ObjectEvent', eventTime: '2026-07-22T06:45:00Z', eventTimeZoneOffset: '+00:00', action: 'OBSERVE' },
  ...{ bizStep: 'inspecting', epcList },
});

/** Documents of just under 16 MiB, the most that is captured. */
const DOCUMENTS: Readonly<Record<string, string>> = {
  '380,000 EPCs in one event, JSON': json([observed(Array.from({ length: 380_000 }, (_, n) => epc(n)))]),
  '85,000 events, JSON': json(Array.from({ length: 85_000 }, (_, n) => observed([epc(n)]))),
  '60,000 events, XML of 1.2': xml(60_000),
};

for (const [name, text] of Object.entries(DOCUMENTS)) {
  const document = readEpcis(text);
  const read = cpuMs(() => readEpcis(text));
  const hashed = cpuMs(() => document.events.map((event) => eventHashId(event, document)));
  console.log(`${name} (${(text.length / MIB).toFixed(1)} MiB): read ${read} ms CPU, hashed ${hashed} ms CPU`);
}

const dataDir = mkdtempSync(join(tmpdir(), 'isotherm-bench-'));
const platform = await startIsotherm({ command: 'serve', dataDir, env: { ISOTHERM_LOG_LEVEL: 'error' } });
try {
  const url = await runningEmbeddedUrl(dataDir);
  if (url === null) throw new Error('the platform runs without its database');
  const database = await openDatabase({ url, logger: silentLogger, time: systemTime });
  const token = await new Accounts({ database, time: systemTime }).tokens.create({ name: 'bench', role: 'admin' });
  const bodies = { ...DOCUMENTS, '100 MiB': ' '.repeat(100 * MIB), 'a million EPCs in one event': million() };
  for (const [name, body] of Object.entries(bodies)) await capture(platform, token, name, body);
  await database.close();
} finally {
  await platform.stop();
  rmSync(dataDir, { recursive: true });
}

/** Sends a document and asks after the platform's health all the while, until the document is worked in. */
async function capture(of: IsothermProcess, token: string, name: string, body: string): Promise<void> {
  const headers = { authorization: `Bearer ${token}` };
  const from = performance.now();
  let isDone = false;
  const sent = (async () => {
    const response = await fetch(`${of.httpUrl}/epcis/v2/capture`, {
      ...{ method: 'POST', body },
      headers: { ...headers, 'content-type': body.startsWith('<') ? 'application/xml' : 'application/ld+json' },
    });
    await response.text();
    const answered = performance.now() - from;
    const job = response.headers.get('location');
    while (job !== null) {
      const { running } = (await (await fetch(`${of.httpUrl}${job}`, { headers })).json()) as { running: boolean };
      if (!running) break;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return { status: response.status, answered, worked: performance.now() - from };
  })().finally(() => {
    isDone = true;
  });
  let longest = 0;
  while (!isDone) {
    const asked = performance.now();
    await (await fetch(`${of.httpUrl}/healthz`)).text();
    longest = Math.max(longest, performance.now() - asked);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const { status, answered, worked } = await sent;
  const load = (loadavg()[0] ?? 0).toFixed(1);
  console.log(
    `${name}: ${status} after ${Math.round(answered)} ms, worked in after ${Math.round(worked)} ms; /healthz took ` +
      `${Math.round(longest)} ms at most (load ${load})`,
  );
}

function json(eventList: readonly object[]): string {
  const head = { '@context': 'https://ref.gs1.org/standards/epcis/epcis-context.jsonld', type: 'EPCISDocument' };
  const body = { schemaVersion: '2.0', creationDate: '2026-07-22T10:30:00Z', epcisBody: { eventList } };
  return JSON.stringify({ ...head, ...body });
}

function xml(count: number): string {
  const events = Array.from({ length: count }, (_, n) => {
    return `<ObjectEvent><eventTime>2026-07-22T06:45:00Z</eventTime><eventTimeZoneOffset>+00:00</eventTimeZoneOffset>
<epcList><epc>${epc(n)}</epc></epcList><action>OBSERVE</action></ObjectEvent>`;
  });
  return `<e:EPCISDocument xmlns:e="urn:epcglobal:epcis:xsd:1" schemaVersion="1.2" creationDate="2026-07-22T10:30:00Z">
<EPCISBody><EventList>${events.join('')}</EventList></EPCISBody></e:EPCISDocument>`;
}

function million(): string {
  return json([observed(Array.from({ length: 1_000_000 }, (_, n) => epc(n)))]);
}

function cpuMs(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return Math.round((user + system) / 1_000);
}
