import { BATCH_VERSION, batchIn, decodeBatch, encodeBatch } from '../codecs/batch/index.ts';
import {
  encodeReadings,
  type GatewayBatch,
  InputError,
  isPhysical,
  LINE_MOST,
  metricByCode,
  type NewRecord,
  type OriginalSubject,
  READINGS_VERSION,
  ReadingBuilder,
  type ReadingColumns,
  type ShownLight,
  Span,
  type SpeaksFor,
  type SpeaksForAnswer,
  storableDocument,
  storableText,
  textFault,
} from '../domain/index.ts';
import { detailOfSource, type RefusalReason, refusalOfSource, refusalOfTime } from './admission.ts';
import { Refusals, type SourceRefusals } from './refusals.ts';

export interface BatchMessage {
  /** The gateway that the topic names. */
  readonly gateway: string;
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly arrival: number;
}

export interface BatchRecords {
  /** To be appended together. */
  readonly records: readonly NewRecord[];
  readonly readings: number;
  /** By the gateway's clock; null where the batch cannot be read. */
  readonly madeAt: number | null;
  readonly refusals: readonly SourceRefusals[];
  /** The gateway, its devices and its readers, with the event times of what was taken of them. */
  readonly subjects: readonly OriginalSubject[];
}

/**
 * A gateway batch as log records under its own identity (gateway, sequence): its readings, and, for the `trace`
 * family, the batch without them. A reading that may not be taken costs only itself; so does what is of a device
 * or reader that the gateway does not speak for.
 */
export function batchRecords(message: BatchMessage, speakers: SpeaksFor): BatchRecords {
  const { gateway, payload, arrival } = message;
  try {
    const { batch, readings } = decodeBatch(batchIn(payload));
    if (batch.gateway !== gateway) {
      return refusedWhole(message, 'BATCH_FOREIGN', `the batch is of ${batch.gateway}, its sender ${gateway}`);
    }
    const identity = { source: gateway, sequence: batch.sequence, arrival };
    const sorted = readings === null ? NOTHING : admittedReadings(message, readings, speakers);
    const sighted = admittedTrace(message, batch, speakers);
    const records: NewRecord[] = [];
    if (sorted.columns !== null) {
      records.push({
        ...identity,
        family: 'readings',
        kind: 'readings',
        version: READINGS_VERSION,
        payload: encodeReadings(sorted.columns),
      });
    }
    // Also where it says nothing to trace: a number that trace does not see is a batch that is missing.
    records.push({
      ...identity,
      family: 'trace',
      kind: 'sightings',
      version: BATCH_VERSION,
      payload: encodeBatch(sighted.batch),
    });
    return {
      records,
      readings: sorted.readings,
      madeAt: batch.at,
      refusals: [...sorted.refusals, ...sighted.refusals],
      subjects: [{ id: gateway, from: arrival, to: arrival }, ...sorted.subjects, ...seenSubjects(sighted.batch)],
    };
  } catch (error) {
    if (error instanceof InputError) return refusedWhole(message, 'BATCH_MALFORMED', error.message);
    throw error;
  }
}

/** What was seen at a time that cannot be is left out: a completeUntil of next year would end every wait for stragglers. */
function admittedTrace(
  { arrival, gateway }: BatchMessage,
  batch: GatewayBatch,
  speakers: SpeaksFor,
): Pick<BatchRecords, 'refusals'> & { readonly batch: GatewayBatch } {
  const refusals = new Refusals();
  const answers = new Map<string, SpeaksForAnswer>();
  const answerOf = (reader: string): SpeaksForAnswer => {
    const answer = answers.get(reader) ?? (isName(reader) ? speakers.speaksFor(gateway, reader) : 'no');
    answers.set(reader, answer);
    return answer;
  };
  const passes = (what: string, item: { readonly reader: string }, ...times: number[]): boolean => {
    const fault = textFault(item.reader, { max: LINE_MOST });
    if (fault !== null) {
      refusals.add(
        'BATCH_MALFORMED',
        () => `${what}: the reader's name holds ${fault}`,
        storableDocument({ [what]: item }),
      );
      return false;
    }
    const answer = answerOf(item.reader);
    if (answer !== 'yes') {
      refusals.add(refusalOfSource(answer), () => `${what}: ${detailOfSource(answer, gateway, item.reader)}`, {
        [what]: item,
      });
      return false;
    }
    for (const time of times) {
      const reason = refusalOfTime(time, arrival);
      if (reason === null) continue;
      refusals.add(reason, () => `${what} of ${new Date(time).toISOString()}: the clock is wrong`, { [what]: item });
      return false;
    }
    return true;
  };
  const judged: GatewayBatch = {
    ...batch,
    sightings: batch.sightings.filter((seen) => passes('sighting', seen, seen.firstSeen, seen.lastSeen)),
    gpi: batch.gpi.filter((event) => passes('gpi', event, event.at)),
    gaps: batch.gaps
      .filter((gap) => passes('gap', gap, gap.from, gap.to))
      .map((gap) => ({ ...gap, reason: storableText(gap.reason) })),
    // That a reader has nothing more to say is said with every batch; of others' readers it is passed over.
    complete: batch.complete.filter(
      (complete) => answerOf(complete.reader) === 'yes' && passes('complete', complete, complete.at),
    ),
  };
  const shown = (batch.shown ?? []).flatMap((light) => admittedLight(light, arrival) ?? []);
  const admitted = batch.shown === undefined ? judged : { ...judged, shown };
  if (refusals.isEmpty) return { batch: admitted, refusals: [] };
  return { batch: admitted, refusals: [{ source: gateway, refusals, payload: null }] };
}

/** As it can be kept; null where its times cannot be, or no portal has such a name. */
function admittedLight(light: ShownLight, arrival: number): ShownLight | null {
  const times = [light.from, light.to, light.at];
  if (!isName(light.portal) || times.some((time) => refusalOfTime(time, arrival) !== null)) return null;
  return { ...light, reason: storableText(light.reason) };
}

/** Whether a row can hold it: what cannot be kept is nobody's. */
function isName(text: string): boolean {
  return textFault(text, { max: LINE_MOST }) === null;
}

interface Sorted extends Omit<BatchRecords, 'records' | 'madeAt'> {
  readonly columns: ReadingColumns | null;
}

const NOTHING: Sorted = { columns: null, readings: 0, refusals: [], subjects: [] };

function admittedReadings({ arrival, gateway }: BatchMessage, rows: ReadingColumns, speakers: SpeaksFor): Sorted {
  const builder = new ReadingBuilder();
  const refusals = new Map<string, Refusals>();
  const devices = rows.devices.map((device) => ({
    ...{ device, index: -1, span: new Span(), answer: speakers.speaksFor(gateway, device) },
  }));
  let readings = 0;
  for (let row = 0; row < rows.count; row++) {
    const brought = devices[rows.device[row] as number];
    if (brought === undefined) continue;
    const code = rows.metric[row] as number;
    const time = rows.time[row] as number;
    const value = rows.value[row] as number;
    const metric = metricByCode(code);
    const foreign = brought.answer === 'yes' ? null : refusalOfSource(brought.answer);
    const reason =
      foreign ??
      (metric === undefined
        ? 'FIELD_UNKNOWN'
        : isPhysical(metric, value)
          ? refusalOfTime(time, arrival)
          : 'VALUE_NOT_PHYSICAL');
    if (reason === null) {
      if (brought.index < 0) brought.index = builder.deviceIndex(brought.device);
      builder.addRow(brought.index, code, time, value + 0);
      brought.span.add(time);
      readings++;
      continue;
    }
    // What is said of somebody else is counted on who said it.
    const source = reason === 'SOURCE_FOREIGN' ? gateway : brought.device;
    let refused = refusals.get(source);
    if (refused === undefined) {
      refused = new Refusals();
      refusals.set(source, refused);
    }
    const name = metric?.name ?? `metric ${code}`;
    const said = () => {
      const reading = `${name} ${value} of ${new Date(time).toISOString()}`;
      return foreign === null ? reading : `${reading}: ${detailOfSource(brought.answer, gateway, brought.device)}`;
    };
    const part =
      reason === 'SOURCE_FOREIGN' ? { device: brought.device, time, [name]: value } : { time, [name]: value };
    refused.add(reason, said, part);
  }
  return {
    columns: builder.count > 0 ? builder.view() : null,
    readings,
    refusals: [...refusals].map(([source, refused]) => ({ source, refusals: refused, payload: null })),
    subjects: devices
      .filter(({ span }) => !span.isEmpty)
      .map(({ device: id, span: { from, to } }) => ({ id, from, to })),
  };
}

/** What readers saw and said, by reader. */
export function seenSubjects({ sightings, gpi }: Pick<GatewayBatch, 'sightings' | 'gpi'>): OriginalSubject[] {
  const spans = new Map<string, Span>();
  const seen = (reader: string, from: number, to: number) => {
    const span = spans.get(reader) ?? new Span();
    span.add(from, to);
    spans.set(reader, span);
  };
  for (const { reader, firstSeen, lastSeen } of sightings) seen(reader, firstSeen, lastSeen);
  for (const { reader, at } of gpi) seen(reader, at, at);
  return [...spans].map(([id, { from, to }]) => ({ id, from, to }));
}

function refusedWhole(message: BatchMessage, reason: RefusalReason, detail: string): BatchRecords {
  const { payload, gateway } = message;
  const refusals = new Refusals();
  refusals.add(reason, () => detail, null);
  return { records: [], readings: 0, madeAt: null, refusals: [{ source: gateway, refusals, payload }], subjects: [] };
}
