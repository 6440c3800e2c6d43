/**
 * The responder of GS1 Lightweight Verification Messaging at a rate that does not wait for it: 500 requests a second over
 * kept connections, each of another pack, with its record kept and its entry in the audit trail.
 *
 *   node bench/verification.ts [RATE] [SECONDS] [SERIALS]
 *
 * Times are from when a request was due, not from when it was sent: a responder that stalls is not asked less.
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Accounts } from '../access/index.ts';
import { silentLogger, systemTime } from '../domain/index.ts';
import { openDatabase, runningEmbeddedUrl } from '../storage/index.ts';
import { startIsotherm } from '../tests/isotherm-process.ts';

const RATE = Number(process.argv[2]) || 500;
const SECONDS = Number(process.argv[3]) || 20;
const SERIALS = Number(process.argv[4]) || 20_000;
const WARM_SECONDS = 5;
const GTIN = '80614141123458';
const OURS = '0614141000012';
const PART = 2_000;

const dataDir = mkdtempSync(join(tmpdir(), 'isotherm-bench-'));
const platform = await startIsotherm({ command: 'serve', dataDir, env: { ISOTHERM_LOG_LEVEL: 'error' } });
const url = await runningEmbeddedUrl(dataDir);
if (url === null) throw new Error('the platform runs without its database');
const database = await openDatabase({ url, logger: silentLogger, time: systemTime });
const agent = new Agent({ keepAlive: true, maxSockets: 200 });
try {
  const accounts = new Accounts({ database, time: systemTime });
  await accounts.users.create({ name: 'admin', role: 'admin', password: 'a few odd words' });
  const token = await accounts.tokens.create({ name: 'bench', role: 'admin' });
  const headers = { authorization: `Bearer ${token}` };
  await send('PUT', '/api/v1/organisation', { name: 'Bench', gln: OURS, zone: 'UTC' });
  for (let from = 0; from < SERIALS; from += PART) await commission(from);
  while ((await ask(SERIALS - 1)).told !== 'verified') await systemTime.sleep('the tracer works them in', 100);
  await run(WARM_SECONDS);
  const before = platformCpu();
  const { took, wrong } = await run(SECONDS);
  const cores = (platformCpu() - before) / SECONDS;
  const [p50, p99, worst] = [quantile(took, 0.5), quantile(took, 0.99), Math.max(...took)];
  console.log(
    `${RATE} requests/s for ${SECONDS} s of ${SERIALS.toLocaleString('en')} packs: p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, worst ${worst.toFixed(1)} ms; ${wrong} of ${took.length} not verified; ${cores.toFixed(2)} cores of the platform; load ${loadavg()[0]?.toFixed(1)}`,
  );
  const { rows } = await database.query<{ n: number }>('SELECT count(*) AS n FROM verification_answers');
  console.log(`kept: ${Number(rows[0]?.n).toLocaleString('en')} answers`);

  async function run(seconds: number): Promise<{ took: number[]; wrong: number }> {
    const took: number[] = [];
    let wrong = 0;
    const under: Promise<void>[] = [];
    const begin = systemTime.monotonic();
    for (let n = 0; n < RATE * seconds; n++) {
      const due = begin + (n * 1_000) / RATE;
      const ahead = due - systemTime.monotonic();
      if (ahead > 0) await systemTime.sleep('the next request', ahead);
      under.push(
        ask((n * 7_919) % SERIALS).then(({ told }) => {
          took.push(systemTime.monotonic() - due);
          if (told !== 'verified') wrong++;
        }),
      );
    }
    await Promise.all(under);
    return { took, wrong };
  }

  function ask(serial: number): Promise<{ told: string }> {
    const query = `17=310630&linkType=verificationService&context=dscsaSaleableReturn&reqGLN=4012345000009&corrUUID=${randomUUID()}`;
    const address = `${platform.httpUrl}/01/${GTIN}/10/A17/21/${serial}?${query}`;
    return new Promise((resolve, reject) => {
      get(address, { agent, headers }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        answer.once('end', () => resolve({ told: text.includes('"verified":true') ? 'verified' : text }));
      }).once('error', reject);
    });
  }

  async function send(method: string, path: string, body: object): Promise<void> {
    const response = await fetch(`${platform.httpUrl}${path}`, {
      method,
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  }

  function commission(from: number): Promise<void> {
    const now = new Date(systemTime.now()).toISOString();
    const epcList = Array.from({ length: Math.min(PART, SERIALS - from) }, (_, n) => from + n).map(
      (serial) => `urn:epc:id:sgtin:0614141.812345.${serial}`,
    );
    return send('POST', '/epcis/v2/capture', {
      '@context': ['https://ref.gs1.org/standards/epcis/epcis-context.jsonld'],
      ...{ type: 'EPCISDocument', schemaVersion: '2.0', creationDate: now },
      epcisBody: {
        eventList: [
          {
            ...{ type: 'ObjectEvent', eventTime: now, eventTimeZoneOffset: '+00:00', action: 'ADD', epcList },
            ...{ bizStep: 'commissioning', disposition: 'active' },
            ilmd: { 'cbvmda:lotNumber': 'A17', 'cbvmda:itemExpirationDate': '2031-06-30' },
          },
        ],
      },
    });
  }
} finally {
  agent.destroy();
  await database.close();
  await platform.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

function quantile(values: readonly number[], part: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * part)] ?? 0;
}

/** Seconds of the processor that the platform's own process has had. */
function platformCpu(): number {
  const [, after = ''] = readFileSync(`/proc/${platform.pid}/stat`, 'utf8').split(') ');
  const fields = after.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
