import { ConflictError, csvLine, InputError, type PartnerUse } from '../../../domain/index.ts';
import {
  type FileOfSystem,
  type KeptDocument,
  parseSystemFile,
  type System,
  type SystemMessage,
} from '../../../partners/index.ts';
import { afterOf, pageOf } from '../../../storage/index.ts';
import type { ReceiptRecord } from '../../../trace/index.ts';
import {
  type DryRunView,
  formatTime,
  type ReceiptView,
  type SystemDocumentView,
  type SystemFileView,
  type SystemMessageView,
  type SystemView,
  systemOperations,
} from '../../api/index.ts';
import { DONE, ok, SENT } from '../answer.ts';
import { fileGone } from '../file-gone.ts';
import { mount } from '../mount.ts';
import { newestPage, pageById } from '../paging.ts';
import { Refusal } from '../problems.ts';
import type { Services } from '../services.ts';

/** ERP and WMS beside us: their mappings, their files and documents, what they are told, and what we know for them. */
export function systemRoutes({
  stockViews,
  systemFiles,
  systemIntake,
  systemMessages,
  systemQuotas,
  systems,
  trace,
}: Services) {
  const shown = async (one: System) => viewOf(one, await systemQuotas.today(one.id));
  return [
    mount(systemOperations.list, async ({ query }) => {
      const { items, nextCursor } = pageById(await systems.list(), ({ id }) => id, query);
      return ok({ items: await Promise.all(items.map(shown)), nextCursor });
    }),

    mount(systemOperations.get, async ({ parameters: { id } }) => ok(await shown(await systems.get(id)))),

    mount(systemOperations.put, async ({ parameters: { id }, body, origination }) =>
      ok(await shown(await systems.put(id, body, origination))),
    ),

    mount(systemOperations.remove, async ({ parameters: { id }, origination }) => {
      await systems.remove(id, origination);
      return DONE;
    }),

    mount(systemOperations.dryRun, async ({ parameters: { id }, body: { mapping, content, encoding } }) => {
      const file = mapping === null ? (await systems.get(id)).file : parseSystemFile(mapping, 'mapping');
      const nothing: DryRunView = { form: null, fault: null, documents: [] };
      try {
        const plan = await systemIntake.dryRun(id, Buffer.from(content, encoding), file);
        const documents = plan.documents.map(({ document: { kind, number, said }, becomes, subject, note }) => ({
          ...{ kind, number, becomes, subject, note, made: said },
        }));
        return ok({ form: plan.form, fault: null, documents });
      } catch (error) {
        if (!(error instanceof InputError) && !(error instanceof ConflictError)) throw error;
        return ok({ ...nothing, fault: error.message.slice(0, 2_000) });
      }
    }),

    mount(systemOperations.bring, async ({ parameters: { id }, query: { name }, body, origination }) => {
      const file = await systemIntake.take(await systems.get(id), { via: 'https', name, content: body }, origination);
      return ok(fileView(taken(file)));
    }),

    mount(systemOperations.files, async ({ parameters: { id }, query }) => {
      const { items, nextCursor } = await newestPage(query, (asked) => systemFiles.of(id, asked));
      return ok({ items: items.map(fileView), nextCursor });
    }),

    mount(systemOperations.content, async ({ parameters: { id, file }, response }) => {
      const found = await systemFiles.get(id, numberOf(file));
      if (found.content === null) throw fileGone(found.id, found);
      response.attachment(found.name).type('application/octet-stream').set('X-Content-Type-Options', 'nosniff');
      response.end(found.content);
      return SENT;
    }),

    mount(systemOperations.again, async ({ parameters: { id, file }, origination }) =>
      ok(fileView(taken(await systemIntake.again(await systems.get(id), numberOf(file), origination)))),
    ),

    mount(systemOperations.documents, async ({ parameters: { id }, query }) => {
      const { items, nextCursor } = await newestPage(query, (asked) => systemFiles.documents(id, asked));
      return ok({ items: items.map(documentView), nextCursor });
    }),

    mount(systemOperations.messages, async ({ parameters: { id } }) =>
      ok({ items: (await systemMessages.of(id)).map(messageView), nextCursor: null }),
    ),

    mount(systemOperations.tellAgain, async ({ parameters: { id, message }, origination }) => {
      await systemMessages.again(id, message, origination);
      return DONE;
    }),

    mount(systemOperations.stock, async ({ query: { site, as }, response }) => {
      const { at, items } = await stockViews.of(site);
      if (as === 'json') return ok({ at: formatTime(at), items: items.map((one) => ({ ...one })) });
      const head = ['place', 'gtin', 'lot', 'expiry', 'status', 'packs', 'stated'];
      const rows = items.map(({ place, gtin, lot, expiry, status, packs, stated }) =>
        csvLine([place, gtin, lot, expiry, status, packs, stated]),
      );
      response.attachment('stock.csv').type('text/csv');
      response.end([csvLine(head), ...rows].join(''));
      return SENT;
    }),

    mount(systemOperations.receipts, async ({ query, response }) => {
      const [receivedAt, shipment] = afterOf(query, ['time', 'text']) ?? [];
      const before = receivedAt === undefined || shipment === undefined ? undefined : ([receivedAt, shipment] as const);
      const rows = await trace.receipts({ limit: query.limit + 1, shipment: query.shipment, before });
      const { items, nextCursor } = pageOf(rows, query.limit, (one) => [one.receivedAt, one.shipment]);
      if (query.as === 'json') return ok({ items: items.map(receiptView), nextCursor });
      const head = [
        'shipment',
        'receivedAt',
        'origin',
        'destination',
        'gtin',
        'lot',
        'listed',
        'missing',
        'unexpected',
        'damaged',
        'stopped',
      ];
      const lines = items.flatMap((one) =>
        one.lines.map(({ gtin, lot, listed, missing, unexpected, damaged, stopped }) =>
          csvLine([
            ...[one.shipment, formatTime(one.receivedAt), one.origin, one.destination],
            ...[gtin, lot, listed, missing, unexpected, damaged, stopped],
          ]),
        ),
      );
      response.attachment('receipts.csv').type('text/csv');
      response.end([csvLine(head), ...lines].join(''));
      return SENT;
    }),
  ];
}

/** @throws {Refusal} 422 SYSTEM_FILE_REFUSED: it is kept all the same */
function taken(file: FileOfSystem): FileOfSystem {
  if (file.fate !== 'refused') return file;
  const message = `file ${file.id} is kept and was refused: ${file.reason}`;
  const { id, sha256, acknowledgement } = file;
  throw new Refusal(422, 'SYSTEM_FILE_REFUSED', message, { file: id, sha256, acknowledgement });
}

function numberOf(file: string): number {
  return /^\d{1,15}$/.test(file) ? Number(file) : 0;
}

function viewOf({ file, secretPrint, changedAt, ...system }: System, today: PartnerUse): SystemView {
  const { name, webhook, quota } = file;
  return { ...system, name, webhook, quota, today, secret: secretPrint, changedAt: formatTime(changedAt) };
}

function fileView({ system: _, at, contentGoneAt, ...file }: FileOfSystem): SystemFileView {
  return { ...file, at: formatTime(at), contentGoneAt: contentGoneAt === null ? null : formatTime(contentGoneAt) };
}

function documentView({ at, ...document }: KeptDocument): SystemDocumentView {
  return { ...document, at: formatTime(at) };
}

function messageView({
  system: _,
  createdAt,
  deliveredAt,
  givenUpAt,
  nextAttemptAt,
  ...message
}: SystemMessage): SystemMessageView {
  const told = (at: number | null) => (at === null ? null : formatTime(at));
  return {
    ...{ ...message, createdAt: formatTime(createdAt), deliveredAt: told(deliveredAt) },
    ...{ givenUpAt: told(givenUpAt), nextAttemptAt: told(nextAttemptAt) },
  };
}

function receiptView({ receivedAt, lines, ...receipt }: ReceiptRecord): ReceiptView {
  return { ...receipt, receivedAt: formatTime(receivedAt), lines: lines.map((line) => ({ ...line })) };
}
