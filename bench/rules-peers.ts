/**
 * json-rules-engine on the question "above 8 °C or below 2 °C?", a reading a run, and ours on the same readings with the
 * whole rule (ten minutes, gaps, late data). The peer keeps no state, so its figure is for less work than ours.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ReadingBuilder, type Rule, systemTime } from '../domain/index.ts';
import { BOUNDED_TAIL, Engine, Rulebook } from '../rules/index.ts';

interface PeerEngine {
  run(facts: object): Promise<{ readonly events: readonly unknown[] }>;
}
interface Peer {
  readonly Engine: new (rules: readonly object[]) => PeerEngine;
}

/** Enough of each that the first ones, still interpreted, do not count. */
const READINGS = 1_000_000;
const PEER_READINGS = 100_000;
const DEVICES = 1_000;
const START = Date.parse('2026-11-22T00:00:00Z');
const MINUTE = 60_000;
const names = Array.from({ length: DEVICES }, (_, i) => `logger-${i}`);
const say = (text: string) => process.stdout.write(`${text}\n`);
const valueAt = (i: number) => 5 + 4 * Math.sin(i / 40);

function ours(): number {
  const rule: Rule = {
    ...{ id: 'outside', kind: 'threshold', metric: 'temperature', severity: 'critical' },
    ...{ above: 8, below: 2, forMs: 10 * MINUTE, gap: 'unknown', keepFiringForMs: 0 },
  };
  const book = new Rulebook([{ rule, version: 1, effectiveFrom: null }]);
  const engine = new Engine({ plan: book.planWith(() => undefined), tail: BOUNDED_TAIL });
  const batches = Array.from({ length: READINGS / DEVICES }, (_, round) => {
    const builder = new ReadingBuilder();
    for (const [i, name] of names.entries()) builder.add(name, 1, START + round * MINUTE, valueAt(round * DEVICES + i));
    return builder.view();
  });
  const from = systemTime.monotonic();
  for (const columns of batches) {
    engine.apply(columns);
    engine.flush(0);
  }
  return (READINGS / (systemTime.monotonic() - from)) * 1_000;
}

async function theirs({ Engine: Rules }: Peer): Promise<number> {
  const beyond = (operator: string, value: number) => ({ fact: 'value', operator, value });
  const conditions = { any: [beyond('greaterThan', 8), beyond('lessThan', 2)] };
  const engine = new Rules([{ conditions, event: { type: 'outside' } }]);
  let outside = 0;
  const from = systemTime.monotonic();
  for (let i = 0; i < PEER_READINGS; i++) outside += (await engine.run({ value: valueAt(i) })).events.length;
  const rate = (PEER_READINGS / (systemTime.monotonic() - from)) * 1_000;
  const expected = Array.from({ length: PEER_READINGS }, (_, i) => valueAt(i)).filter(
    (value) => value > 8 || value < 2,
  );
  if (outside !== expected.length) throw new Error(`json-rules-engine: ${outside} outside, not ${expected.length}`);
  return rate;
}

function peer(): Peer | null {
  try {
    return createRequire(join(import.meta.dirname, 'peers', 'package.json'))('json-rules-engine');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') return null;
    throw error;
  }
}

const rate = ours();
say(`ours                ${(rate / 1e6).toFixed(2)} M readings/s`);
const installed = peer();
if (installed === null) say('json-rules-engine   peer not installed: npm install --prefix bench/peers');
else {
  const theirRate = await theirs(installed);
  say(`json-rules-engine   ${(theirRate / 1e6).toFixed(4)} M readings/s: ours × ${(rate / theirRate).toFixed(0)}`);
}
