import { BATCH_VERSION, encodeBatch } from '../codecs/batch/index.ts';
import type { Decode, Decoded, Reply, TagEvent } from '../codecs/payloads/index.ts';
import {
  DEVICE_ID,
  type GatewayBatch,
  isPhysical,
  METRICS,
  metricByName,
  type NewRecord,
  type OriginalSubject,
  type ReadingBuilder,
  Span,
  type SpeaksFor,
  type SpeaksForAnswer,
} from '../domain/index.ts';
import { detailOfSource, refusalOfSource, refusalOfTime } from './admission.ts';
import type { FrameTimes } from './frame-times.ts';
import { seenSubjects } from './gateway-batch.ts';
import { Refusals, type SourceRefusals } from './refusals.ts';

export interface DialectMessage {
  readonly decode: Decode;
  /** Which frames were heard before. */
  readonly frames: Pick<FrameTimes, 'firstOf'>;
  /** Who signed in, or a reader as portals name it. */
  readonly source: string;
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly arrival: number;
  /** Stands for the time of what has none. */
  readonly timeless: number;
  /** Who sent it, and whom it speaks for: a service for the source, a gateway for the devices behind it. */
  readonly sender: string;
  readonly speakers: SpeaksFor;
}

/** Refused devices of one message that each keep it as received. */
const KEPT_WHOLE_FOR = 8;

export interface DialectRecords {
  /** What a reader saw; null where it saw nothing. */
  readonly record: NewRecord | null;
  readonly refusals: Refusals;
  /**
   * What was refused of one device of several, and what waits for a person, by its device; what is of sources that the
   * sender does not speak for, by whom it is counted on. What waits is kept in the native form.
   */
  readonly others: readonly SourceRefusals[];
  readonly replies: readonly Reply[];
  /** As decoded, before anything was judged. */
  readonly decoded: Decoded;
  /** Its devices and its reader, with the event times of what was taken of them. */
  readonly subjects: readonly OriginalSubject[];
}

/**
 * A message of a dialect as log records. Readings go into the builders. A reader's tag events become a `sightings` record
 * of the trace family, as gateways send them: source the reader, no sequence; events come in order, so each says too that
 * everything before it has been reported.
 */
export function dialectRecords(
  message: DialectMessage,
  builderFor: (device: string) => ReadingBuilder,
): DialectRecords {
  const { decode, source, topic, payload, arrival, timeless } = message;
  const refusals = new Refusals();
  const batch: Writable<GatewayBatch> = {
    ...{ gateway: source, sequence: 1, at: arrival, gaps: [] },
    ...{ sightings: [], gpi: [], complete: [] },
  };
  const spans = new Map<string, Span>();
  const answerOf = answersOf(message);
  const waiting = new Map<string, Refusals>();
  const waitingOf = (of: string): Refusals => {
    const refused = waiting.get(of) ?? new Refusals();
    waiting.set(of, refused);
    return refused;
  };
  const refuseSource = (answer: Exclude<SpeaksForAnswer, 'yes'>, of: string, part: object): void => {
    const counted = answer === 'no' ? message.sender : of;
    waitingOf(counted).add(refusalOfSource(answer), () => detailOfSource(answer, message.sender, of), part);
  };
  const decoded = decode({ topic, source, payload, arrival });
  const { readings, events, refused, replies = [], frame } = decoded;
  const own = new Map<string, Refusals>();
  for (const { reason, field, detail, part, device } of refused) {
    const isOwn = device === undefined || device === source || !DEVICE_ID.test(device) || answerOf(device) !== 'yes';
    const into = isOwn ? refusals : (own.get(device) ?? new Refusals());
    if (!isOwn) own.set(device, into);
    into.add(reason, () => (field === '' || detail.startsWith(field) ? detail : `${field} ${detail}`), part);
  }
  const frameTime = frame === undefined ? null : (frame.time ?? timeless);
  const heard = frame === undefined || frameTime === null ? null : message.frames.firstOf(frame.key, frameTime);
  for (const { device, metric, value, time } of readings) {
    const said = time ?? timeless;
    // Another gateway's copy of a frame is the same reading at the same time.
    const at = heard !== null && said === frameTime ? heard : said;
    const { code, min, max, unit } = metricByName(metric) ?? (METRICS[0] as (typeof METRICS)[number]);
    const reason = refusalOfTime(at, arrival);
    const part = { device, time: at, [metric]: value };
    const answer = answerOf(device);
    if (answer !== 'yes') {
      refuseSource(answer, device, answer === 'no' ? part : { time: at, [metric]: value });
    } else if (!isPhysical({ name: metric, code, min, max, unit }, value)) {
      refusals.add(
        'VALUE_NOT_PHYSICAL',
        () => `${metric} is ${value}; allowed: ${min} to ${max} ${unit}`.trimEnd(),
        part,
      );
    } else if (reason !== null) {
      const detail = () => `${metric} of ${new Date(at).toISOString()}: ${TIME_RULES[reason]}`;
      waitingOf(device).add(reason, detail, { time: at, [metric]: value });
    } else {
      builderFor(device).add(device, code, at, value + 0);
      const span = spans.get(device) ?? new Span();
      span.add(at);
      spans.set(device, span);
    }
  }
  for (const event of events) {
    const answer = answerOf(source);
    if (answer === 'yes') takeEvent(event, { ...message, batch, refusals });
    else refuseSource(answer, source, event);
  }
  const isEmpty = batch.sightings.length + batch.gpi.length + batch.complete.length === 0;
  const common = { family: 'trace', kind: 'sightings', version: BATCH_VERSION, source } as const;
  const record = isEmpty
    ? null
    : { ...common, sequence: null, arrival, payload: encodeBatch({ ...batch, at: timeless }) };
  const measured = [...spans].map(([id, { from, to }]) => ({ id, from, to }));
  // A message of a thousand devices is not kept a thousand times.
  const kept = own.size > KEPT_WHOLE_FOR ? null : payload;
  return {
    ...{ record, refusals, replies, decoded },
    others: [
      ...[...own].map(([of, refused]) => ({ source: of, refusals: refused, payload: kept })),
      ...[...waiting].map(([of, refused]) => ({ source: of, refusals: refused, payload: null })),
    ],
    subjects: [...measured, ...seenSubjects(batch)],
  };
}

/** Asked once a device. Who may bring the source may bring its probes: `source`, `source.2`. */
function answersOf({ source, sender, speakers }: DialectMessage): (device: string) => SpeaksForAnswer {
  const answers = new Map<string, SpeaksForAnswer>();
  const ofSource = speakers.speaksFor(sender, source);
  return (device) => {
    if (ofSource !== 'yes' || device === source || device.startsWith(`${source}.`)) return ofSource;
    const answer = answers.get(device) ?? speakers.speaksFor(sender, device);
    answers.set(device, answer);
    return answer;
  };
}

const TIME_RULES = {
  TIME_AHEAD: 'more than 10 minutes ahead of its arrival: set the clock; what it measured can be adopted',
  TIME_TOO_OLD: 'more than 400 days before its arrival; it waits to be adopted',
} as const;

type Writable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer U)[] ? U[] : T[K] };

interface Taking extends DialectMessage {
  readonly batch: Writable<GatewayBatch>;
  readonly refusals: Refusals;
}

function takeEvent(event: TagEvent, { source, arrival, timeless, batch, refusals }: Taking): void {
  const at = event.at ?? timeless;
  const reason = refusalOfTime(at, arrival);
  if (reason !== null) {
    refusals.add(reason, () => `${event.kind} of ${new Date(at).toISOString()}: the clock is wrong`, event);
    return;
  }
  const complete = batch.complete.find(({ reader }) => reader === source);
  if (complete === undefined || complete.at < at) batch.complete = [{ reader: source, at }];
  if (event.kind === 'gpi') batch.gpi.push({ reader: source, port: event.port, isHigh: event.isHigh, at });
  else if (event.kind === 'tag') {
    const { antenna, epcHex, rssiDbm, count, tidHex } = event;
    const epcBits = epcHex.length * 4;
    const own = tidHex === undefined ? {} : { tids: [tidHex] };
    const seen = { firstSeen: at, lastSeen: at, count, rssiDbm };
    batch.sightings.push({ reader: source, antenna, epcHex, epcBits, ...seen, ...own });
  }
}
