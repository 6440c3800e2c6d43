/**
 * Ours on "outside 2-8 °C for ten minutes" (gaps, late data and all), beside two peers on the same readings:
 *
 * - json-rules-engine on "above 8 °C or below 2 °C?", a reading a run: it keeps no state, so that is less work;
 * - Node-RED: a real runtime without an editor, a flow of two function nodes, the first with the ten-minute rule for data
 *   in order in its node context, the second counting what comes out. A message is a reading; a thousand are in flight.
 *
 * Rates are per second of this thread's processor time. The peers: npm install --prefix bench/peers
 */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ReadingBuilder, type Rule } from '../domain/index.ts';
import { BOUNDED_TAIL, Engine, Rulebook } from '../rules/index.ts';
import { cpuMs } from './cpu.ts';

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
  const from = cpuMs();
  for (const columns of batches) {
    engine.apply(columns);
    engine.flush(0);
  }
  return (READINGS / (cpuMs() - from)) * 1_000;
}

async function theirs({ Engine: Rules }: Peer): Promise<number> {
  const beyond = (operator: string, value: number) => ({ fact: 'value', operator, value });
  const conditions = { any: [beyond('greaterThan', 8), beyond('lessThan', 2)] };
  const engine = new Rules([{ conditions, event: { type: 'outside' } }]);
  let outside = 0;
  const from = cpuMs();
  for (let i = 0; i < PEER_READINGS; i++) outside += (await engine.run({ value: valueAt(i) })).events.length;
  const rate = (PEER_READINGS / (cpuMs() - from)) * 1_000;
  const expected = Array.from({ length: PEER_READINGS }, (_, i) => valueAt(i)).filter(
    (value) => value > 8 || value < 2,
  );
  if (outside !== expected.length) throw new Error(`json-rules-engine: ${outside} outside, not ${expected.length}`);
  return rate;
}

/** What we need of Node-RED's runtime. */
interface NodeRed {
  init(settings: object): void;
  start(): Promise<void>;
  stop(): Promise<void>;
  readonly runtime: { readonly events: { once(event: string, then: () => void): void } };
  readonly nodes: { getNode(id: string): { receive(message: object): void } | null };
}

/** The rule for data in order, as people write it in a function node. */
const TEN_MINUTES = `
const { device, time, value } = msg.payload;
const state = context.get(device) ?? { last: 0, since: null, fired: false };
if (time - state.last > 30 * 60000) { state.since = null; state.fired = false; }
state.last = time;
msg.found = false;
if (value <= 8 && value >= 2) { state.since = null; state.fired = false; }
else if (state.since === null) state.since = time;
else if (!state.fired && time - state.since >= 600000) { state.fired = true; msg.found = true; }
context.set(device, state);
return msg;`;
const COUNT =
  "const out = global.get('out'); out.messages++; if (msg.found) out.findings++; out.arrived(); return null;";

async function nodeRed(RED: NodeRed): Promise<{ rate: number; findings: number }> {
  const userDir = await mkdtemp(join(tmpdir(), 'isotherm-node-red-'));
  const out = { messages: 0, findings: 0, arrived() {} };
  try {
    const node = (id: string, func: string, to: readonly string[]) => ({
      ...{ id, type: 'function', z: 'flow', name: id, func, outputs: 1, wires: [to] },
      ...{ initialize: '', finalize: '', libs: [], x: 0, y: 0 },
    });
    const flow = [
      { id: 'flow', type: 'tab', label: 'bench' },
      node('rule', TEN_MINUTES, ['count']),
      node('count', COUNT, []),
    ];
    await writeFile(join(userDir, 'flows.json'), JSON.stringify(flow));
    RED.init({
      ...{ userDir, flowFile: 'flows.json', httpAdminRoot: false, httpNodeRoot: false, credentialSecret: false },
      ...{ logging: { console: { level: 'off' } }, functionGlobalContext: { out }, telemetry: { enabled: false } },
    });
    const started = new Promise<void>((resolve) => RED.runtime.events.once('flows:started', resolve));
    await RED.start();
    await started;
    const rule = RED.nodes.getNode('rule');
    if (rule === null) throw new Error('Node-RED: the flow has not started');
    const from = cpuMs();
    for (let i = 0; i < PEER_READINGS; i += DEVICES) {
      const arrived = new Promise<void>((resolve) => {
        out.arrived = () => {
          if (out.messages === i + DEVICES) resolve();
        };
      });
      for (let k = 0; k < DEVICES; k++) {
        const payload = { device: names[k], time: START + (i / DEVICES) * MINUTE, value: valueAt(i + k) };
        rule.receive({ payload });
      }
      await arrived;
    }
    return { rate: (PEER_READINGS / (cpuMs() - from)) * 1_000, findings: out.findings };
  } finally {
    await RED.stop();
    await rm(userDir, { recursive: true, force: true });
  }
}

function peer<T>(name: string): T | null {
  try {
    return createRequire(join(import.meta.dirname, 'peers', 'package.json'))(name);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') return null;
    throw error;
  }
}

const rate = ours();
say(`ours                ${(rate / 1e6).toFixed(2)} M readings/s`);
const told = (name: string, theirRate: number, more = '') =>
  say(`${name.padEnd(20)}${(theirRate / 1e6).toFixed(4)} M readings/s: ours × ${(rate / theirRate).toFixed(0)}${more}`);
const missing = (name: string) => say(`${name.padEnd(20)}not installed: npm install --prefix bench/peers`);

const rules = peer<Peer>('json-rules-engine');
if (rules === null) missing('json-rules-engine');
else told('json-rules-engine', await theirs(rules));
const red = peer<NodeRed>('node-red');
if (red === null) missing('Node-RED');
else {
  const { rate: redRate, findings } = await nodeRed(red);
  told('Node-RED function', redRate, `, ${findings} findings`);
}
// Node-RED leaves timers behind.
process.exit();
