import { InputError, SWITCHES } from '../../../domain/index.ts';
import { Collector, shown } from '../collector.ts';
import type { Decode, Dialect, DialectMessage } from '../dialect.ts';
import { meaningOf } from '../metric-names.ts';
import { epochMillis } from '../time.ts';
import { conversionOf, unitsOf } from '../unit.ts';
import { EdgeNode, type KnownMetric } from './edge-node.ts';
import { decodePayload, REBIRTH, rebirthPayload, type SparkplugMetric, type SparkplugPayload } from './payload.ts';

/** `spBv1.0/{group}/{type}/{edge node}[/{device}]` (Sparkplug 3.0, 4.1). */
const TOPIC = /^spBv1\.0\/([^/]+)\/([ND](?:BIRTH|DEATH|DATA|CMD))\/([^/]+)(?:\/([^/]+))?$/;
const STATE = /^spBv1\.0\/STATE\/([^/]+)$/;
/** Edge nodes remembered: the one heard least recently goes first, and is asked for a rebirth when it comes back. */
const MOST_NODES = 10_000;
/** As in Isotherm's own form. */
const MOST_METRICS = 10_000;

/**
 * Sparkplug B (Eclipse Sparkplug 3.0). The edge node signs in; a metric is of it, or of `{edge node}.{device}`, and one in
 * a folder (`Freezer 1/Temperature`) of a probe by the folder's name. Metrics are taken by names that say what they are,
 * in the unit of their property `engUnit`, else in ours. What has an alias alone means what the birth said; without one it
 * is refused and a rebirth asked for. Values of births are values of their time, historical ones of theirs.
 */
export const SPARKPLUG: Dialect = {
  name: 'sparkplug',
  sourceOf: (topic) => TOPIC.exec(topic)?.[3] ?? STATE.exec(topic)?.[1] ?? null,
  decode: (message) => session()(message),
  session,
};

function session(): Decode {
  const nodes = new Map<string, EdgeNode>();
  const nodeOf = (key: string): EdgeNode => {
    const node = nodes.get(key) ?? new EdgeNode();
    nodes.delete(key);
    nodes.set(key, node);
    const [eldest] = nodes.keys();
    if (nodes.size > MOST_NODES && eldest !== undefined) nodes.delete(eldest);
    return node;
  };
  return (message) => {
    const into = new Collector();
    try {
      read(message, nodeOf, into);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      into.refuse('MESSAGE_MALFORMED', '', error.message);
    }
    return into.decoded();
  };
}

function read(message: DialectMessage, nodeOf: (key: string) => EdgeNode, into: Collector): void {
  const { topic, source, payload, arrival: now = 0 } = message;
  const [, group = '', type = 'NDATA', edge = source, name] = TOPIC.exec(topic) ?? [];
  // Commands go down, and a state is of another host.
  if (STATE.test(topic) || type.endsWith('CMD')) return;
  const device = name ?? null;
  if (type.startsWith('D') !== (device !== null)) {
    into.refuse('MESSAGE_MALFORMED', '', `${type} ${device === null ? 'names no device' : 'names a device'}`);
    return;
  }
  const decoded = decodePayload(payload);
  if (decoded.metrics.length > MOST_METRICS) {
    into.refuse('READINGS_TOO_MANY', 'metrics', `are ${decoded.metrics.length}; allowed: ${MOST_METRICS}`);
    return;
  }
  if (decoded.hasForeignBody)
    into.refuse('FIELD_UNKNOWN', 'body', 'is bytes; allowed: metrics, or a compressed payload');
  const node = nodeOf(`${group}/${edge}`);
  const ask = () => {
    // Without its topic nobody knows how to reach it.
    if (group !== '' && node.mayAsk(now)) {
      into.reply({ topic: `spBv1.0/${group}/NCMD/${edge}`, payload: rebirthPayload(now) });
    }
  };
  if (type === 'NDEATH') {
    node.died(bdSeqOf(decoded));
    return;
  }
  const isBirth = type.endsWith('BIRTH');
  const wasBorn = node.isBorn;
  if (type === 'NBIRTH') node.born(bdSeqOf(decoded));
  const isOutOfOrder = node.follows(decoded.seq, now);
  if (type === 'DDEATH') {
    node.deviceDied(device ?? '');
    if (isOutOfOrder || !wasBorn) ask();
    return;
  }
  if (isBirth) for (const metric of decoded.metrics) node.learn(metric, device);
  const isKnown = readMetrics(decoded, { node, edge, device }, into);
  if (type !== 'NBIRTH' && (isOutOfOrder || !isKnown || !wasBorn)) ask();
}

interface Of {
  readonly node: EdgeNode;
  readonly edge: string;
  readonly device: string | null;
}

/** @returns whether a birth told everything that had to be told */
function readMetrics({ metrics, timestamp }: SparkplugPayload, of: Of, into: Collector): boolean {
  let isKnown = true;
  for (const [index, metric] of metrics.entries()) {
    const known = of.node.known(metric, of.device);
    const name = metric.name ?? known?.name ?? null;
    if (name === null) {
      isKnown = false;
      const what = metric.alias === null ? 'has neither name nor alias' : `has the alias ${metric.alias}`;
      into.refuse(
        'BIRTH_MISSING',
        `metrics[${index}]`,
        `${what}, and no birth says what it is; a rebirth is asked for`,
      );
    } else if (readMetric(metric, name, known, timestamp, of, into) === 'birth missing') isKnown = false;
  }
  return isKnown;
}

function readMetric(
  metric: SparkplugMetric,
  name: string,
  known: KnownMetric | null,
  sentAt: number | null,
  { node, edge, device }: Of,
  into: Collector,
): 'read' | 'birth missing' {
  if (name === REBIRTH || name === 'bdSeq') return 'read';
  const folders = name.split('/');
  const leaf = folders.pop() ?? '';
  const named = [...SWITCHES].find((metric) => metric === leaf.toLowerCase());
  const meant = named === undefined ? meaningOf(leaf) : { metric: named };
  const value = metric.valueAs(known?.datatype ?? null);
  if (value === 'a data set' || value === 'a template') {
    into.refuse('FIELD_UNKNOWN', name.slice(0, 80), `is ${value}; allowed: metrics of their own`);
    return 'read';
  }
  if (meant === null || value === null) return 'read';
  const of = [edge, ...((known?.device ?? device) ? [known?.device ?? device ?? ''] : []), ...folders]
    .map(idOf)
    .join('.');
  // What is of the past has a time of its own; when it was sent says nothing.
  const stated = metric.timestamp ?? (metric.isHistorical ? Number.NaN : sentAt);
  const time = stated === null ? null : epochMillis(stated);
  if (time === undefined) {
    const detail = metric.timestamp === null ? 'is historical and has no time' : `is of ${metric.timestamp}`;
    into.refuse('TIME_NOT_UNDERSTOOD', name, `${detail}; allowed: epoch milliseconds`, of);
    return 'read';
  }
  const former = metric.unit === null ? node.formerUnit(name, device) : null;
  if (former !== null && conversionOf(meant.metric, former)?.(1) !== 1) {
    const detail = `was in ${shown(former)}, and the birth that says in what it is now was not heard; it is asked for`;
    into.refuse('BIRTH_MISSING', name, detail, of);
    return 'birth missing';
  }
  const unit = metric.unit ?? known?.unit ?? null;
  const convert = conversionOf(meant.metric, unit ?? ('unit' in meant ? (meant.unit ?? '') : ''));
  if (unit !== null && convert === null) {
    into.refuse('UNIT_NOT_UNDERSTOOD', name, `is in ${shown(unit)}; allowed: ${unitsOf(meant.metric)}`, of);
    return 'read';
  }
  const given = SWITCHES.has(meant.metric) && typeof value === 'boolean' ? Number(value) : value;
  into.measure(of, meant.metric, typeof given === 'number' && convert !== null ? convert(given) : given, time, name);
  return 'read';
}

function bdSeqOf({ metrics }: SparkplugPayload): number | null {
  const value = metrics.find(({ name }) => name === 'bdSeq')?.valueAs(null);
  return typeof value === 'number' ? value : null;
}

/** A part of a device id: what may not stand there is written as _. */
function idOf(part: string): string {
  return part.replace(/[^A-Za-z0-9._:-]/g, '_');
}
