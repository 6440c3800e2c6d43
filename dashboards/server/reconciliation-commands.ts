import { parseEpc } from '../../codecs/epc/index.ts';
import {
  ConflictError,
  type CountFact,
  type Fact,
  InputError,
  type KeyedAct,
  type PackingFact,
  type SettlementFact,
} from '../../domain/index.ts';
import type { DifferenceRecord, TraceQueries } from '../../trace/index.ts';
import { formatTime, type ReconciliationView } from '../api/index.ts';
import { type Directory, placeRef } from './directory.ts';
import type { FactCommands } from './fact-commands.ts';
import type { PortalViews } from './portal-views.ts';
import type { Received } from './received.ts';
import type { SettlingTurns } from './settling-turns.ts';

export interface ReconciliationCommandsOptions {
  readonly directory: Directory;
  readonly factCommands: FactCommands;
  readonly trace: TraceQueries;
  readonly portalViews: PortalViews;
  readonly settlingTurns: SettlingTurns;
}

/** What was asked of: a shipment, or one pass. */
export type Whose = { readonly shipment: string } | { readonly pass: string };

export interface SettlementWish extends Pick<SettlementFact, 'how' | 'reason'> {
  readonly lines: readonly string[];
  /** Of the differences' serials and units those that were taken off. */
  readonly takenOff?: readonly string[] | undefined;
  /** When the person decided it, epoch ms; absent: now. */
  readonly decidedAt?: number | undefined;
}

/** Expected against seen, and what people say to it. */
export class ReconciliationCommands {
  readonly #options: ReconciliationCommandsOptions;

  constructor(options: ReconciliationCommandsOptions) {
    this.#options = options;
  }

  /** @throws {InputError} SHIPMENT_UNKNOWN, PASS_UNKNOWN */
  async view(whose: Whose): Promise<ReconciliationView> {
    const registered = await this.#options.directory.registered();
    const differences = await this.#differences(whose);
    const lines = differences.map(({ site, since, epcs, insteadOf, settlement, ...one }) => ({
      ...one,
      site: placeRef(registered, site),
      since: formatTime(since),
      count: epcs.length,
      serials: [...epcs],
      insteadOf: [...insteadOf],
      state: settlement === null ? ('open' as const) : ('settled' as const),
      settlement: settlement === null ? null : { ...settlement, at: formatTime(settlement.at) },
    }));
    return { open: lines.filter(({ state }) => state === 'open').length, lines };
  }

  /**
   * @returns whether the tracer has worked it in already
   * @throws {ConflictError} DIFFERENCE_CHANGED one of the lines is not there any more, or is settled
   * @throws {InputError} DECIDED_AT_AHEAD, TAKEN_OFF_OTHER
   * @throws {UnavailableError} FACTS_WAITING
   */
  settle(whose: Whose, wish: SettlementWish, received: Received, act: KeyedAct): Promise<boolean> {
    return this.#options.settlingTurns.take(() => this.#settle(whose, wish, received, act));
  }

  async #settle(whose: Whose, wish: SettlementWish, received: Received, act: KeyedAct): Promise<boolean> {
    const { lines, how, reason } = wish;
    const at = await this.#options.factCommands.momentOf(act, wish.decidedAt);
    const all = await this.#differences(whose);
    const open = all.filter(({ settlement }) => settlement === null);
    const chosen = lines.map((id) => open.find((one) => one.id === id));
    if (chosen.includes(undefined) && (wish.decidedAt !== undefined || act.made !== null)) {
      // Sent again after an answer that was lost with the server: it is in already.
      const isOwn = ({ settlement: held }: DifferenceRecord) =>
        held !== null && held.by === received.source && held.at === at && held.how === how && held.reason === reason;
      if (all.some(isOwn)) return true;
    }
    const differences = chosen.flatMap((one, index) => {
      if (one !== undefined) {
        return one.epcs.map((epc) => ({ term: one.term, epc, portal: one.portal, since: one.since }));
      }
      throw new ConflictError(
        'DIFFERENCE_CHANGED',
        `what differs changed or was settled since it was shown${lastSettled(all)}`,
        {
          line: lines[index],
          open: open.map(({ id }) => id),
        },
      );
    });
    const shipment = 'shipment' in whose ? whose.shipment : (chosen[0]?.shipment ?? null);
    const settlement = { shipment, differences, how, reason, at };
    const by = received.source;
    const concerned = new Set(differences.map(({ epc }) => epc));
    const other = wish.takenOff?.find((epc) => !concerned.has(epc));
    if (other !== undefined) {
      throw new InputError('TAKEN_OFF_OTHER', `takenOff: ${other.slice(0, 100)} is in none of these differences`);
    }
    const unpacked = (await this.#unpackings(wish.takenOff ?? [], at)).map(
      (packing): Fact => ({ type: 'packing', packing, by }),
    );
    const facts: Fact[] = [{ type: 'settlement', settlement, by }, ...unpacked];
    return this.#options.factCommands.recordKeyed(facts, received, { act, at });
  }

  /** What a person has in the hand is in nothing; what lies in a box that was taken off stays in the box. */
  async #unpackings(takenOff: readonly string[], from: number): Promise<PackingFact[]> {
    if (takenOff.length === 0) return [];
    const off = new Set(takenOff);
    const parents = await this.#options.trace.parentsAt([...off], from);
    const held = [...parents].filter(([, unit]) => !off.has(unit));
    return [...Map.groupBy(held, ([, unit]) => unit)].map(([unit, inside]) => ({
      ...{ unit, children: inside.map(([epc]) => epc), isUnpacked: true, from },
    }));
  }

  /**
   * What was found in a unit of a shipment, EPCs in any form.
   * @throws {InputError} EPC_*, UNIT_UNKNOWN, DECIDED_AT_AHEAD
   */
  async count(
    shipment: string,
    given: Omit<CountFact, 'at'> & { readonly at?: number | undefined; readonly decidedAt?: number | undefined },
    received: Received,
    act: KeyedAct,
  ): Promise<boolean> {
    const detail = await this.#options.trace.shipment(shipment);
    if (detail === null) throw new InputError('SHIPMENT_UNKNOWN', `there is no shipment ${shipment}`, { shipment });
    const units = detail.units.map(({ epc }) => epc);
    const companyPrefixes = new Set(units.map((epc) => epc.split(':').at(-1)?.split('.')[0] ?? ''));
    const read = (epc: string) => parseEpc(epc, { companyPrefixes });
    const unit = read(given.unit);
    if (!units.includes(unit)) throw new InputError('UNIT_UNKNOWN', `${shipment} lists no unit ${unit}`, { unit });
    const moment = await this.#options.factCommands.momentOf(act, given.decidedAt);
    const at = act.made === null ? (given.at ?? moment) : moment;
    const by = received.source;
    // Sent again after a kill: it is in already.
    if (act.made !== null && (await this.#options.trace.isCounted({ unit, at, by }))) return true;
    const count = { unit, at, found: given.found.map(read), damaged: given.damaged.map(read) };
    return this.#options.factCommands.recordKeyed([{ type: 'count', count, by }], received, { act, at });
  }

  async #differences(whose: Whose): Promise<DifferenceRecord[]> {
    const { trace } = this.#options;
    if ('shipment' in whose) {
      const found = await trace.reconciliation(whose.shipment);
      if (found !== null) return found;
      throw new InputError('SHIPMENT_UNKNOWN', `there is no shipment ${whose.shipment}`, { ...whose });
    }
    const isSeen = (await this.#options.portalViews.passOrNull(whose.pass)) !== null;
    const found = isSeen ? await trace.passReconciliation(whose.pass) : null;
    if (found !== null) {
      const named = found.flatMap(({ shipment }) => (shipment === null ? [] : [shipment]));
      const seen = await trace.seenShipments([...new Set(named)]);
      return found.map((one) => (one.shipment === null || seen.has(one.shipment) ? one : { ...one, shipment: null }));
    }
    throw new InputError('PASS_UNKNOWN', `there is no pass ${whose.pass}`, { ...whose });
  }
}

/** For whoever comes too late: who was there before. */
function lastSettled(differences: readonly DifferenceRecord[]): string {
  const settlements = differences.flatMap(({ settlement }) => (settlement === null ? [] : [settlement]));
  const last = settlements.toSorted((a, b) => b.at - a.at)[0];
  return last === undefined ? '' : `; ${last.by} settled last, ${formatTime(last.at)}: ${last.reason}`;
}
