import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { encodeBatch } from '../../codecs/batch/index.ts';
import {
  encodeJson,
  FACT_VERSION,
  type Finding,
  type FindingChange,
  type FindingStore,
  findingId,
  type LogRecord,
  PASS_KINDS,
  type RuleVersion,
  silentLogger,
  silentMeter,
  systemTime,
} from '../../domain/index.ts';
import { compileAppliesTo, formatInstant, type RuleFileEntry } from '../../rules/index.ts';
import {
  type Database,
  effectsOf,
  migrate,
  openDatabase,
  PostgresFacts,
  PostgresFindings,
  startEmbeddedPostgres,
} from '../../storage/index.ts';
import { Tracer } from '../../trace/index.ts';
import type { PassHistory } from './pass-history.ts';
import type { PlayedStep } from './pass-play.ts';
import { type ExpectedPassFinding, type PassTest, parsePassTests } from './pass-test-file.ts';

/** What is found in the end, and each change with when it was known, epoch ms UTC. */
export interface FoundOverPasses {
  readonly findings: readonly Finding[];
  readonly changes: readonly { readonly at: number; readonly change: FindingChange }[];
}

/** Each test is undone. */
class Undone extends Error {}

export interface PassTestOutcome {
  readonly lines: readonly string[];
  readonly tests: number;
  readonly failed: number;
}

/**
 * Runs the tests of passes of a rule test file by the tracer itself, on a database of its own that is gone afterwards.
 * @throws {InputError} RULE_TEST_FILE_BAD
 */
export async function runPassTests(
  text: string,
  file: string,
  rules: readonly RuleFileEntry[],
): Promise<PassTestOutcome> {
  const tests = parsePassTests(text, file);
  if (tests.length === 0) return { lines: [], tests: 0, failed: 0 };
  return onOwnDatabase((database) => passTestsOn(database, tests, rules));
}

/**
 * What rules over passes find in what a context file tells, sorted by rule, key and from, and how it came to stand so. Late is what
 * was found with something that was received later than usual.
 */
export async function passFindings(history: PassHistory, rules: readonly RuleFileEntry[]): Promise<FoundOverPasses> {
  return onOwnDatabase(async (database) => {
    const lateness = new Map<string, boolean>();
    const changes: FoundOverPasses['changes'][number][] = [];
    // Heard of all at once, nothing is because of anything else.
    const isPlayed = history.steps.length > 1;
    const isLate = (finding: Finding) => lateness.get(findingId(finding)) ?? false;
    await database.transaction((client) =>
      trace(database, client, history, rules, (step, found) => {
        for (const change of found) {
          const id = findingId(change.finding);
          if (!lateness.has(id)) lateness.set(id, step.isLate);
          const finding: Finding = { ...change.finding, detectedLate: isLate(change.finding) };
          const { event, reason } = change;
          const why = isPlayed && reason !== undefined ? { reason } : {};
          changes.push({ at: step.at, change: { event, finding, ...why } });
          if (change.event === 'retracted') lateness.delete(id);
        }
      }),
    );
    const found = await new PostgresFindings({ database }).present(PASS_KINDS);
    return { findings: found.map((finding): Finding => ({ ...finding, detectedLate: isLate(finding) })), changes };
  });
}

/** A database for this work alone, gone afterwards. */
async function onOwnDatabase<T>(work: (database: Database) => Promise<T>): Promise<T> {
  const dataDir = await mkdtemp(join(tmpdir(), 'isotherm-rules-'));
  try {
    const server = await startEmbeddedPostgres({ dataDir, logger: silentLogger, time: systemTime });
    try {
      const database = await openDatabase({ url: server.url, logger: silentLogger, time: systemTime });
      try {
        await migrate(database, silentLogger);
        return await work(database);
      } finally {
        await database.close();
      }
    } finally {
      await server.stop();
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** As {@link runPassTests}, on a database that is there; each test is undone. */
export async function passTestsOn(
  database: Database,
  tests: readonly PassTest[],
  rules: readonly RuleFileEntry[],
): Promise<PassTestOutcome> {
  const lines: string[] = [];
  let failed = 0;
  for (const test of tests) {
    const differences = differencesOf(test.findings, await foundBy(database, test, rules));
    if (differences.length > 0) failed++;
    lines.push(`${differences.length === 0 ? 'ok' : 'FAILED'} ${test.name}`, ...differences.map((line) => `  ${line}`));
  }
  return { lines, tests: tests.length, failed };
}

interface FoundLine {
  readonly rule: string;
  readonly key: string;
  readonly from: string;
  readonly to: string | null;
  readonly serials: number;
  readonly epcs: readonly string[];
  readonly statuses?: readonly string[];
  readonly said?: string;
}

async function foundBy(database: Database, test: PassTest, rules: readonly RuleFileEntry[]): Promise<FoundLine[]> {
  let found: FoundLine[] = [];
  try {
    await database.transaction(async (client) => {
      await trace(database, client, test, rules);
      found = await findingsIn(client);
      throw new Undone();
    });
  } catch (error) {
    if (!(error instanceof Undone)) throw error;
  }
  return found;
}

/** Hands all of it to a tracer of its own, within a transaction. */
async function trace(
  database: Database,
  client: pg.ClientBase,
  history: PassHistory,
  rules: readonly RuleFileEntry[],
  onChanges: (step: PlayedStep, changes: readonly FindingChange[]) => void = () => {},
): Promise<void> {
  const findings = new TellingFindings(new PostgresFindings({ database }));
  const tracer = new Tracer({
    ...{ database, facts: new PostgresFacts({ database }), findings },
    ...{ logger: silentLogger, meter: silentMeter, compileApplies: compileAppliesTo },
    rules: rules.map(({ rule, effectiveFrom }): RuleVersion => ({ rule, version: 1, effectiveFrom })),
  });
  let position = 0;
  for (const [index, step] of history.steps.entries()) {
    const records = recordsOf(step, index + 1, position);
    position += records.length;
    await tracer.handle({ family: 'trace', partition: 0, records }, effectsOf(client));
    onChanges(step, findings.taken());
  }
}

/** Findings as they are kept, with what changed since it was last asked. */
class TellingFindings implements FindingStore {
  readonly #inner: FindingStore;
  #changes: FindingChange[] = [];

  constructor(inner: FindingStore) {
    this.#inner = inner;
  }

  apply(...given: Parameters<FindingStore['apply']>): Promise<void> {
    this.#changes.push(...given[1]);
    return this.#inner.apply(...given);
  }

  present(...given: Parameters<FindingStore['present']>): ReturnType<FindingStore['present']> {
    return this.#inner.present(...given);
  }

  markExposureChanged(...given: Parameters<FindingStore['markExposureChanged']>): Promise<void> {
    return this.#inner.markExposureChanged(...given);
  }

  taken(): readonly FindingChange[] {
    const changes = this.#changes;
    this.#changes = [];
    return changes;
  }
}

/** @param after position of the last record before */
function recordsOf({ at: now, facts, sightings, complete }: PlayedStep, sequence: number, after: number): LogRecord[] {
  let position = after;
  const common = () => ({
    ...{ family: 'trace' as const, partition: 0, source: 'test', sequence: null, arrival: now, position: ++position },
  });
  const batch = { gateway: 'test', sequence, at: now, sightings: [...sightings], gpi: [], gaps: [] };
  const payload = encodeBatch({ ...batch, complete: [...complete] });
  return [
    ...facts.map((fact) => ({
      ...{ ...common(), kind: 'fact' as const, version: FACT_VERSION, payload: encodeJson(fact) },
    })),
    { ...common(), kind: 'sightings', version: 1, payload },
    { ...common(), kind: 'tick', version: 1, payload: encodeJson({ now, heads: {} }) },
  ];
}

async function findingsIn(client: pg.ClientBase): Promise<FoundLine[]> {
  const { rows } = await client.query<{
    readonly rule: string;
    readonly key: string;
    readonly from_at: number;
    readonly to_at: number | null;
    readonly portal: { readonly epcs: string[]; readonly statuses?: string[]; readonly said?: string };
  }>('SELECT rule, key, from_at, to_at, portal FROM findings WHERE portal IS NOT NULL ORDER BY rule, key, from_at');
  return rows.map(({ rule, key, from_at, to_at, portal: { epcs, statuses, said } }) => ({
    ...{ rule, key, from: formatInstant(from_at), to: to_at === null ? null : formatInstant(to_at) },
    ...{ serials: epcs.length, epcs, ...(statuses && { statuses }), ...(said !== undefined && { said }) },
  }));
}

function differencesOf(expected: readonly ExpectedPassFinding[], found: readonly FoundLine[]): string[] {
  const differences: string[] = [];
  const names = new Set<string>();
  for (const one of expected) {
    const { from, to, ...rest } = one;
    const line = {
      ...rest,
      from: formatInstant(from),
      ...(to !== undefined && { to: to === null ? null : formatInstant(to) }),
    };
    names.add(nameOf(line));
    const same = found.find((other) => nameOf(other) === nameOf(line));
    if (same === undefined) differences.push(`- expected, not found: ${nameOf(line)}`);
    else {
      const told: Readonly<Record<string, unknown>> = { ...same };
      for (const [field, value] of Object.entries(line)) {
        if (value === undefined || JSON.stringify(told[field]) === JSON.stringify(value)) continue;
        const is = `${field} is ${JSON.stringify(told[field])}, expected ${JSON.stringify(value)}`;
        differences.push(`~ ${nameOf(line)}: ${is}`);
      }
    }
  }
  for (const line of found) {
    if (!names.has(nameOf(line))) differences.push(`+ found, not expected: ${JSON.stringify(line)}`);
  }
  return differences;
}

function nameOf({ rule, key, from }: { readonly rule: string; readonly key: string; readonly from: string }): string {
  return `${rule} ${key} from ${from}`;
}
