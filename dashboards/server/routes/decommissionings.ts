import { gtin14 } from '../../../codecs/epc/index.ts';
import { InputError } from '../../../domain/index.ts';
import {
  type EntryAnswer,
  type LedgerEntry,
  type LedgerPack,
  marketsOn,
  periodOf,
  rulesOn,
  wordsOf,
} from '../../../partners/index.ts';
import { type DecommissioningView, decommissioningOperations, formatTime } from '../../api/index.ts';
import { created, ok } from '../answer.ts';
import { sendCsvPages } from '../csv-pages.ts';
import { LEDGER_COLUMNS, ledgerLine, readAnswersCsv } from '../decommissioning-csv.ts';
import { mount } from '../mount.ts';
import { classedView } from '../national-answer-view.ts';
import type { Services } from '../services.ts';
import { readPack, refuseRunTogether } from '../verification-request.ts';

/** Read and written at once. */
const PART = 500;

/** Packs that are decommissioned here, what is reverted, and what the national system answers. */
export function decommissioningRoutes({ decommissions, directory, marketAssignments, markets, time, trace }: Services) {
  return [
    mount(decommissioningOperations.choices, async ({ query }) => {
      const market = markets.get(query.market);
      const [{ places }, assignments] = await Promise.all([directory.registered(), marketAssignments.all()]);
      const today = new Date(time.now()).toISOString().slice(0, 10);
      const all = [...places.values()].filter(({ id }) => id.startsWith('site:'));
      const set = all.filter(({ id }) => marketsOn(assignments, id, today).includes(market.id));
      const sites = (set.length > 0 ? set : all).map(({ id, name }) => ({ id, name }));
      return ok({
        ...{ market: market.id, isSet: set.length > 0, sites },
        reasons: market.decommissioning.map(({ reason, by, isReversible, clause }) => ({
          ...{ reason, by: [...by], isReversible, clause },
        })),
      });
    }),

    mount(decommissioningOperations.list, async ({ query: { waiting, gtin, ...query } }) => {
      const { items, nextCursor } = await decommissions.ledger.list({ ...query, ...asked(gtin, waiting) });
      return ok({ items: await views(items), nextCursor });
    }),

    mount(decommissioningOperations.csv, async ({ query: { waiting, gtin, ...query }, response }) =>
      sendCsvPages(response, {
        ...{ name: 'decommissionings.csv', columns: LEDGER_COLUMNS },
        page: (from) => decommissions.ledger.list({ ...query, ...asked(gtin, waiting), limit: PART, ...from }),
        lines: async (items) => (await views(items)).map(ledgerLine).join(''),
      }),
    ),

    mount(decommissioningOperations.enter, async ({ body, origination, act }) => {
      const { place, capacity, reason, market, at = time.now(), note = null } = body;
      await requireSite(place);
      const pack = await packOf(body);
      const wish = { pack, place, capacity, reason, at, note };
      const entry = await decommissions.ledger.decommission(market, wish, origination, act);
      await decommissions.tell();
      return created(await view(entry), `/api/v1/decommissionings?gtin=${pack.gtin}`);
    }),

    mount(decommissioningOperations.revert, async ({ parameters: { id }, body, origination, act }) => {
      const { place, capacity, isDeclared, at = time.now(), note = null } = body;
      const entry = await decommissions.ledger.revert(
        { entry: id, place, capacity, isDeclared, at, note },
        origination,
        act,
      );
      await decommissions.tell();
      return created(await view(entry), `/api/v1/decommissionings?gtin=${entry.pack.gtin}`);
    }),

    mount(decommissioningOperations.compare, async ({ parameters: { id }, body, origination }) => {
      const entry = await decommissions.ledger.get(id);
      await decommissions.answers.compare(entry, body, origination);
      return ok(await view(entry));
    }),

    mount(decommissioningOperations.answer, async ({ body, origination }) => {
      const brought = typeof body === 'string' ? readAnswersCsv(body) : body;
      return ok({ added: await decommissions.answers.bring(brought.answers, origination) });
    }),
  ];

  function asked(gtin: string | undefined, waiting: 'true' | 'false' | undefined) {
    return { ...(gtin !== undefined && { gtin: gtin14(gtin) }), isWaiting: waiting === 'true' };
  }

  /** @throws {InputError} PLACE_UNKNOWN, DECOMMISSION_PLACE_BAD */
  async function requireSite(place: string): Promise<void> {
    if (!(await directory.registered()).places.has(place))
      throw new InputError('PLACE_UNKNOWN', `there is no place ${place}`, { place });
    if (place.startsWith('site:')) return;
    throw new InputError('DECOMMISSION_PLACE_BAD', `place: ${place} given; expected a site, the premises: site:…`);
  }

  /** @throws {InputError} EPC_* */
  async function packOf(
    body: { scan: string } | { gtin: string; serial: string; lot?: string | undefined; expiry?: string | undefined },
  ): Promise<LedgerPack> {
    if (!('scan' in body)) {
      const { gtin, serial, lot = null, expiry = null } = body;
      return { gtin: gtin14(gtin), serial, lot, expiry, expiryCoded: null };
    }
    const scanned = readPack(body.scan, new Date(time.now()).getUTCFullYear());
    await refuseRunTogether(body.scan, scanned, (gtin, serials) => trace.knownSerials(gtin, serials));
    return { ...scanned.request, expiryCoded: scanned.expiryCoded };
  }

  async function view(entry: LedgerEntry): Promise<DecommissioningView> {
    return viewOf(entry, (await decommissions.answers.of([entry])).get(entry.id) ?? null);
  }

  async function views(entries: readonly LedgerEntry[]): Promise<DecommissioningView[]> {
    const found = entries.length === 0 ? new Map<string, EntryAnswer>() : await decommissions.answers.of(entries);
    return entries.map((entry) => viewOf(entry, found.get(entry.id) ?? null));
  }

  function viewOf(entry: LedgerEntry, answer: EntryAnswer | null): DecommissioningView {
    const { pack, by, at, enteredAt, ...rest } = entry;
    const market = markets.find(entry.market);
    const rules = market === null ? null : rulesOn(market, entry.reason);
    const lasts = market === null ? null : periodOf(market, 'undoing');
    const isReversible = entry.act === 'decommission' && rules?.isReversible === true && lasts !== null;
    const { gtin, serial, lot, expiry } = pack;
    return {
      ...{ ...rest, pack: { gtin, serial, lot, expiry }, send: { ...wordsOf(pack) }, by: by.name },
      ...{ at: formatTime(at), enteredAt: formatTime(enteredAt), clause: rules?.clause ?? null },
      revertUntil: isReversible ? formatTime(at + (lasts ?? 0)) : null,
      answer:
        answer === null
          ? null
          : {
              ...{ ...classedView(answer), code: answer.code, alertId: answer.alertId, at: formatTime(answer.at) },
              ...{ attempts: answer.attempts, answers: answer.answers },
            },
    };
  }
}
