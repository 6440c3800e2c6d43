/**
 * `npm run failover -- --times N --minutes M --of primary,frozen-primary,worker,frozen,nats`: how long nothing is acknowledged when one of
 * a kind is gone. A real installation under load: two brokers, two workers and PostgreSQL by Patroni with etcd, then the same with the log of readings on three
 * NATS servers. Prints each fault as it is played, then for each kind how often, p50 and p99; exit code 1 where something acknowledged is lost
 * or there twice, or a former owner's work was not refused (docs/scaling.md, "What a failover costs").
 */
import { loadavg } from 'node:os';
import { Chance } from '../simulators/portal/random.ts';
import { ownMachine } from './chaos/own-machine.ts';
import { PatroniHome } from './chaos/patroni-home.ts';
import { pause } from './chaos/round.ts';
import { StoredThrough } from './chaos/stored.ts';
import { lossOf } from './failover/account.ts';
import { ALLOWED, type Asked, asked, type Kind } from './failover/arguments.ts';
import { isWithin, type Occasion, secondsText, table } from './failover/figures.ts';
import { type Installation, installationFor, SCENES } from './failover/installation.ts';
import { Load } from './failover/load.ts';
import { strike } from './failover/strike.ts';

/** Issue 20. */
const RESUMES_WITHIN_MS = 10_000;
/** A fault of which it has not recovered by then is wrong. */
const RECOVERS_WITHIN_MS = 90_000;
/** Between two faults, so that they fall anywhere in a lease. */
const CALM_MS = [1_500, 3_500] as const;
const LOOK_MS = 50;
/** The one that deploy/patroni/ has. */
const RECOMMENDED_TTL_S = 20;

const given = asked(process.argv.slice(2));
if (given === null) {
  process.stderr.write(`${ALLOWED}\n`);
  process.exit(2);
}
const occasions: Occasion[] = [];
const wrong: string[] = [];
const chance = new Chance(Date.now());
let acknowledged = 0;
let answered = 0;
const loss = { lost: 0, doubled: 0, differing: 0 };
let playing: Installation | null = null;
let isCutOff = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, async () => {
    isCutOff = true;
    say(`${signal}: cut off`);
    report();
    await playing?.system.stop();
    process.exit(1);
  });
}
await main(given);
report();
process.exit(wrong.length === 0 ? 0 : 1);

async function main({ of, times, minutes }: Asked): Promise<void> {
  let playedKinds = 0;
  for (const scene of SCENES) {
    const kinds = scene.filter((kind) => of.includes(kind));
    if (kinds.length === 0 || isCutOff) continue;
    playedKinds += kinds.length;
    // Each kind has its share of the time.
    await playScene(kinds, times, (minutes * 60_000 * playedKinds) / of.length);
  }
}

async function playScene(kinds: readonly Kind[], times: number, endsAt: number): Promise<void> {
  let load: Load | null = null;
  let stored: StoredThrough | null = null;
  try {
    const installation = installationFor(kinds);
    playing = installation;
    const { system } = installation;
    say(`${kinds.join(', ')}: starting`);
    await system.start();
    if (ownMachine(system.dataDir) === null) {
      say('this account may not give processes machines of their own: a killed worker is seen to be gone at once');
    }
    load = await Load.begin(system, `fo-${kinds[0]}`);
    stored = new StoredThrough(system.database, load.device);
    await recovered(load, stored, performance.now());
    say('under load');
    for (let n = 0; n < times && performance.now() < endsAt; n++) {
      for (const kind of kinds) {
        if (performance.now() > endsAt || isCutOff) break;
        await pause(chance.between(...CALM_MS));
        await playOne(kind, `${kind} ${n + 1} of ${times}`, installation, load, stored);
      }
    }
    await load.end();
    await account(installation, load);
  } catch (error) {
    if (isCutOff) return;
    wrong.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
    say(`given up: ${load?.state() ?? ''}`);
    const state = await playing?.system.state().catch(String);
    process.stderr.write(`${state ?? ''}\n${playing?.patroni?.said() ?? ''}\n`);
  } finally {
    await load?.stop();
    await stored?.stop();
    await playing?.system.stop();
    playing = null;
  }
}

async function playOne(
  kind: Kind,
  name: string,
  installation: Installation,
  load: Load,
  stored: StoredThrough,
): Promise<void> {
  const began = Promise.withResolvers<number>();
  const striking = strike(kind, installation, began.resolve);
  striking.catch(began.reject);
  const at = await began.promise;
  const costs = await recovered(load, stored, at);
  const { text, wrong: isWrong } = await striking;
  const occasion = { kind, ...costs };
  occasions.push(occasion);
  if (isWrong !== null) wrong.push(`${name}: ${isWrong}`);
  const { acknowledgedMs, longestWaitMs, answeredMs, storedMs } = occasion;
  say(
    `${name}: acknowledged again after ${secondsText(acknowledgedMs)} (longest wait ${secondsText(longestWaitMs)}), ` +
      `holds answered after ${secondsText(answeredMs)}, in the tables after ${secondsText(storedMs)}; ${text}`,
  );
}

/** Waits until what is told after that moment is acknowledged, answered and in the tables. @throws {Error} not in time */
async function recovered(load: Load, stored: StoredThrough, at: number): Promise<Omit<Occasion, 'kind'>> {
  const after = (all: readonly { readonly madeAt: number; readonly at: number }[]) =>
    Math.min(...all.filter(({ madeAt }) => madeAt >= at).map((one) => one.at - at));
  const costs = () => ({
    acknowledgedMs: after(load.acknowledgements),
    longestWaitMs: Math.max(...load.acknowledgements.filter((one) => one.at >= at).map((one) => one.at - one.madeAt)),
    answeredMs: after(load.answers),
    storedMs: stored.since(at + performance.timeOrigin) - at,
  });
  const deadline = performance.now() + RECOVERS_WITHIN_MS;
  for (;;) {
    const found = costs();
    if (Object.values(found).every(Number.isFinite)) return found;
    if (performance.now() > deadline) {
      throw new Error(`not recovered within ${RECOVERS_WITHIN_MS / 1_000} s: ${JSON.stringify(found)}`);
    }
    await pause(LOOK_MS);
  }
}

async function account({ system }: Installation, load: Load): Promise<void> {
  const found = await lossOf(system, load);
  acknowledged += load.sent.size;
  answered += load.answers.length;
  for (const what of ['lost', 'doubled', 'differing'] as const) {
    loss[what] += found[what].length;
    if (found[what].length > 0) wrong.push(`${found[what].length} ${what}: ${found[what].slice(0, 5).join(', ')}`);
  }
  const { code, stderr } = await system.command('audit', 'verify');
  if (code !== 0) wrong.push(`audit verify: ${code} ${stderr}`);
  wrong.push(...system.fallen);
}

function report(): void {
  for (const line of table(occasions)) say(line);
  const { lost, doubled, differing } = loss;
  say(
    `${acknowledged} readings acknowledged, ${answered} holds answered: ${lost} lost, ${doubled} doubled, ${differing} differing`,
  );
  const within = isWithin(occasions, RESUMES_WITHIN_MS) ? 'yes' : 'NO';
  say(
    `acknowledged again within ${RESUMES_WITHIN_MS / 1_000} s, p99, each kind: ${within}; load ${loadavg()[0]?.toFixed(1)}`,
  );
  if (occasions.some(({ kind }) => kind === 'primary' || kind === 'frozen-primary')) {
    const more = RECOMMENDED_TTL_S - PatroniHome.ttlSeconds;
    say(
      `the primary's lease is ${PatroniHome.ttlSeconds} s here; with the ${RECOMMENDED_TTL_S} s of deploy/patroni/ its failover costs up to ${more} s more`,
    );
  }
  for (const text of wrong) process.stderr.write(`WRONG ${text}\n`);
}

function say(text: string): void {
  process.stdout.write(`${(performance.now() / 1_000).toFixed(1).padStart(7)} s  ${text}\n`);
}
