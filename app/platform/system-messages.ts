import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { httpPost, RETRY_SCHEDULE, waitBeforeRetry } from '../../alerts/index.ts';
import { csvLine, IsothermError, type Outgoing, type TimeSource, UnavailableError } from '../../domain/index.ts';
import {
  DocumentReader,
  type DueMessage,
  type OutMapping,
  type System,
  SystemMessages,
  Systems,
} from '../../partners/index.ts';
import type { Database } from '../../storage/index.ts';
import { type GoodsDecision, goodsDecisions, type ReceiptRecord, TraceQueries } from '../../trace/index.ts';
import { putOut } from './outbox.ts';
import type { Storage } from './storage.ts';
import { type Surroundings, tools } from './surroundings.ts';

const SEND_EVERY_MS = 2_000;
const LOOK_EVERY_MS = 60_000;
/** What was received longer ago is told of no more, whatever is found of it. */
const TOLD_FOR_MS = 3 * 24 * 3_600_000;
const MOST_LOOKED_AT = 200;
const MOST_UNDER_WAY = 8;
const PART = 'systems';

/** Tells ERP and WMS what was received and what was decided of goods, and again where it turns out otherwise. */
export function tellSystems(surroundings: Surroundings, { audit, database, key }: Storage): void {
  const { config, lifetime, outgoing, parts, time, troubles } = surroundings;
  if (!parts.has('trace')) return;
  const { logger } = tools(surroundings, 'app');
  const systems = new Systems({ audit, database, key, outgoing, time });
  const messages = new SystemMessages({ audit, database, time });
  const reader = new DocumentReader({ time });
  const news = newsOf(database);
  const stopping = new AbortController();
  const turn = (name: string, everyMs: number, work: () => Promise<void>) => {
    let running: Promise<void> | null = null;
    const timer = time.every(`systems: ${name}`, everyMs, () => {
      running ??= work()
        .then(
          () => troubles.passed(`${PART}:${name}`),
          (error: unknown) => {
            troubles.failed(`${PART}:${name}`, error, time.now());
            logger.debug({ error }, 'systems could not be told');
          },
        )
        .finally(() => {
          running = null;
        });
    });
    return { timer, wait: () => running };
  };
  const turns = [
    turn('look', LOOK_EVERY_MS, () => lookForNews({ systems, messages, reader, news, time })),
    turn('send', SEND_EVERY_MS, async () => {
      const due = await messages.claim(MOST_UNDER_WAY);
      const { folder } = config.systems;
      const given = { systems, messages, outgoing, time, folder, signal: stopping.signal };
      await Promise.all(due.map((one) => send(one, given)));
    }),
  ];
  lifetime.started(async () => {
    stopping.abort();
    for (const { timer } of turns) timer.cancel();
    await Promise.all(turns.map(({ wait }) => wait()));
    await reader.stop();
  });
}

/** What there is to tell since then (epoch ms UTC), by what an entry tells. */
export type News = Readonly<Record<OutMapping['tells'], (since: number) => Promise<readonly Told[]>>>;

/** One thing to tell. */
interface Told {
  readonly type: 'receipt' | 'decision';
  readonly subject: string;
  /** In its own form, times as texts. */
  readonly plain: unknown;
  readonly csv: (revision: number) => string;
}

export function newsOf(database: Database): News {
  const trace = new TraceQueries({ database });
  return {
    receipts: async (since) => (await trace.receipts({ limit: MOST_LOOKED_AT, since })).map(receiptTold),
    decisions: async (since) => (await goodsDecisions(database, { limit: MOST_LOOKED_AT, since })).map(decisionTold),
  };
}

interface Looking {
  readonly systems: Systems;
  readonly messages: SystemMessages;
  readonly reader: DocumentReader;
  readonly news: News;
  readonly time: TimeSource;
}

/** Keeps a message for each thing of which something else is to be said than before. */
export async function lookForNews({ systems, messages, reader, news, time }: Looking): Promise<void> {
  const entries = (await systems.list()).flatMap((system) => system.file.out.map((entry) => ({ system, entry })));
  for (const [tells, told] of Map.groupBy(entries, ({ entry }) => entry.tells)) {
    const all = await news[tells](time.now() - TOLD_FOR_MS);
    for (const { system, entry } of told) {
      for (const one of all) await keep(system, entry, one, { messages, reader, time });
    }
  }
}

async function keep(
  system: System,
  entry: OutMapping,
  { type, subject, plain, csv }: Told,
  { messages, reader, time }: Pick<Looking, 'messages' | 'reader' | 'time'>,
): Promise<void> {
  const said = JSON.stringify(plain);
  const made = entry.makes === null ? plain : await reader.told(system.id, { id: entry.id, makes: entry.makes }, plain);
  const body =
    entry.as === 'csv'
      ? csv
      : (revision: number) =>
          JSON.stringify({ type, timestamp: new Date(time.now()).toISOString(), revision, data: made });
  const mediaType = entry.as === 'csv' ? 'text/csv; charset=utf-8' : 'application/json';
  await messages.put({ system: system.id, entry: entry.id, subject, said, mediaType, body });
}

function receiptTold(receipt: ReceiptRecord): Told {
  return {
    ...{ type: 'receipt', subject: `shipment:${receipt.shipment}` },
    plain: { ...receipt, receivedAt: new Date(receipt.receivedAt).toISOString() },
    csv: (revision) => receiptCsv([receipt], revision),
  };
}

function decisionTold(decision: GoodsDecision): Told {
  return {
    ...{ type: 'decision', subject: `decision:${decision.case}/${decision.decision}` },
    plain: { ...decision, at: new Date(decision.at).toISOString() },
    csv: (revision) => decisionCsv(decision, revision),
  };
}

/** A row a GTIN and lot. */
function decisionCsv({ case: id, decision, disposition, at, lines }: GoodsDecision, revision: number): string {
  const head = ['case', 'decision', 'revision', 'at', 'disposition', 'gtin', 'lot', 'packs', 'superseded'];
  const rows = lines.map(({ gtin, lot, packs, superseded }) =>
    csvLine([id, decision, revision, new Date(at).toISOString(), disposition, gtin, lot, packs, superseded]),
  );
  return [csvLine(head), ...rows].join('');
}

/** A row a GTIN and lot. Texts that a spreadsheet would run are made inert. */
function receiptCsv(receipts: readonly ReceiptRecord[], revision: number): string {
  const head = [
    'shipment',
    'revision',
    'receivedAt',
    'destination',
    'gtin',
    'lot',
    'listed',
    'missing',
    'unexpected',
    'damaged',
    'stopped',
  ];
  const rows = receipts.flatMap(({ shipment, receivedAt, destination, lines }) =>
    lines.map(({ gtin, lot, listed, missing, unexpected, damaged, stopped }) =>
      csvLine([
        shipment,
        revision,
        new Date(receivedAt).toISOString(),
        destination,
        gtin,
        lot,
        listed,
        missing,
        unexpected,
        damaged,
        stopped,
      ]),
    ),
  );
  return [csvLine(head), ...rows].join('');
}

interface Sending {
  readonly systems: Systems;
  readonly messages: SystemMessages;
  readonly outgoing: Outgoing;
  /** Holds a folder for each system; null: none is configured. */
  readonly folder: string | null;
  readonly time: TimeSource;
  readonly signal: AbortSignal;
}

/**
 * One message to one system: by webhook signed anew at each attempt under the same id (Standard Webhooks 1.0), or as a file that
 * has the same name at each.
 */
export async function send(
  message: DueMessage,
  { systems, messages, outgoing, folder, time, signal }: Sending,
): Promise<void> {
  const { id, system, entry, mediaType, body, attempts, createdAt } = message;
  try {
    const { file } = await systems.get(system);
    if (file.out.find((one) => one.id === entry)?.to === 'folder') {
      await putOut(outboxOf(folder, system), outName(message), body);
      return await messages.delivered(id);
    }
    if (file.webhook === null) return await messages.failed(id, 'no webhook is kept of this system any more', null);
    const secret = await systems.secret(system);
    const at = new Date(time.now());
    const signature = secret === null ? {} : { 'webhook-signature': new Webhook(secret).sign(id, at, body) };
    const headers = {
      ...{ 'content-type': mediaType, 'webhook-id': id, ...signature },
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    };
    await httpPost({ url: file.webhook, headers, body }, { channel: system, time, outgoing, signal });
    await messages.delivered(id);
  } catch (error) {
    // Cut off as we stop: it is sent again, under the same id.
    if (signal.aborted || !(error instanceof IsothermError)) throw error;
    const isGone = error instanceof UnavailableError && error.details.status === 410;
    const waitMs = isGone ? null : waitBeforeRetry(RETRY_SCHEDULE, attempts + 1, time.now() - createdAt, Math.random());
    await messages.failed(id, error.message, waitMs);
  }
}

/** @throws {UnavailableError} SYSTEM_FOLDER_UNUSABLE */
function outboxOf(folder: string | null, system: string): string {
  if (folder === null) {
    throw new UnavailableError('SYSTEM_FOLDER_UNUSABLE', 'systems.folder is not set; set it, or tell it by webhook');
  }
  return join(folder, system, 'out');
}

/** In the order in which they were made, by name. */
function outName({ id, entry, mediaType, createdAt }: DueMessage): string {
  const made = new Date(createdAt).toISOString().replaceAll(/[-:]/g, '');
  return `${made}-${entry}-${id}.${mediaType.startsWith('text/csv') ? 'csv' : 'json'}`;
}
