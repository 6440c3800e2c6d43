import { isDeepStrictEqual } from 'node:util';
import {
  type AuditTrail,
  type DecommissionReason,
  type EpcisCapture,
  type Facts,
  isPast,
  type Log,
  type Logger,
  type TimeSource,
} from '../../domain/index.ts';
import {
  DecommissioningAnswers,
  DecommissioningLedger,
  type LedgerEntry,
  type LedgerPack,
  Markets,
  type PackStops,
  rulesOn,
  type Told,
} from '../../partners/index.ts';
import type { Database } from '../../storage/index.ts';
import { TraceQueries } from '../../trace/index.ts';
import { Directory } from './directory.ts';
import { FactCommands } from './fact-commands.ts';
import { JoinedRuns } from './joined-runs.ts';

export interface DecommissionDeskOptions {
  readonly audit: AuditTrail;
  readonly database: Database;
  readonly factCommands: FactCommands;
  readonly logger: Logger;
  readonly markets: Markets;
  readonly time: TimeSource;
  readonly trace: TraceQueries;
}

/** After these a person takes the medicine, or another company sells it: what stops goods stops them. */
const FOR_USE: ReadonlySet<DecommissionReason> = new Set([
  ...(['supplied', 'opened', 'exported', 'clinical trial', 'free sample'] as const),
]);

const MISMATCHES: ReadonlySet<string> = new Set(['lot mismatch', 'expiry mismatch']);

/** The ledger of decommissioning with what it needs of the rest, and what it tells the rest: an EPCIS event for each entry. */
export class DecommissionDesk {
  readonly ledger: DecommissioningLedger;
  readonly answers: DecommissioningAnswers;
  readonly #options: DecommissionDeskOptions;
  /** One connection waits for the lock, however many packs are scanned at once. */
  readonly #tellings = new JoinedRuns(() => this.#tell());

  constructor(options: DecommissionDeskOptions) {
    this.#options = options;
    this.ledger = new DecommissioningLedger({ ...options, stops: stopsOf(options) });
    this.answers = new DecommissioningAnswers(options);
  }

  /**
   * Tells the log of entries that it does not know yet, in the order of the ledger; what cannot be told now is told with the
   * next entry. One that is told twice is one event: it bears the entry's id. Never rejects.
   */
  tell(): Promise<void> {
    return this.#tellings.run();
  }

  async #tell(): Promise<void> {
    const { database, factCommands, logger } = this.#options;
    try {
      await database.transaction(async (client) => {
        await client.query("SELECT pg_advisory_xact_lock(hashtext('isotherm decommissioning'))");
        for (const { by, entries } of turnsOf(await this.ledger.toTell())) {
          const facts = await Promise.all(
            entries.map(async (entry) => ({
              ...{ type: 'epcis' as const, by: entry.by.name },
              capture: await this.#captureOf(entry),
            })),
          );
          await factCommands.record(facts, null, by);
          await this.ledger.told(entries);
        }
      });
    } catch (error) {
      logger.warn({ error }, 'decommissioned packs could not be told to the log yet');
    }
  }

  async #captureOf(entry: LedgerEntry): Promise<EpcisCapture> {
    const { markets, time, trace } = this.#options;
    const { id, act, at, pack, place, reason } = entry;
    const epc = await knownEpc(trace, pack, time.now());
    const rules = rulesOn(markets.get(entry.market), reason);
    const said =
      act === 'revert' || rules === null
        ? { action: 'OBSERVE', disposition: 'active' }
        : {
            action: rules.step === 'dispensing' ? 'OBSERVE' : 'DELETE',
            ...{ bizStep: rules.step, disposition: rules.disposition },
          };
    const event = {
      ...{ type: 'ObjectEvent', eventID: `urn:uuid:${id}`, eventTime: new Date(at).toISOString() },
      ...{ eventTimeZoneOffset: '+00:00', ...said },
      epcList: [epc ?? `https://id.gs1.org/01/${pack.gtin}/21/${encodeURIComponent(pack.serial)}`],
      ...{ readPoint: { id: place }, bizLocation: { id: place } },
    };
    return { id, at: time.now(), errorBehaviour: 'rollback', context: [], events: [event], refused: [] };
  }
}

/** The same for who serves people and for who tells behind them, which may be another process. */
export function decommissionDesk(
  sources: Omit<DecommissionDeskOptions, 'factCommands' | 'markets' | 'trace'> & {
    readonly facts: Facts;
    readonly log: Log;
    readonly tracerPassed: (position: number, timeoutMs: number) => Promise<boolean>;
  },
): DecommissionDesk {
  const { database, facts, time } = sources;
  return new DecommissionDesk({
    ...{ ...sources, markets: new Markets(), trace: new TraceQueries({ database }) },
    factCommands: new FactCommands({ ...sources, directory: new Directory({ facts, time }) }),
  });
}

/** In the order of the ledger; what one person did in a row goes together, that a box of packs is told as fast as one. */
function turnsOf(told: readonly Told[]) {
  const turns: { readonly by: Told['by']; readonly entries: LedgerEntry[] }[] = [];
  for (const { entry, by } of told) {
    const last = turns.at(-1);
    if (last !== undefined && isDeepStrictEqual(last.by, by)) last.entries.push(entry);
    else turns.push({ by, entries: [entry] });
  }
  return turns;
}

async function knownEpc(trace: TraceQueries, pack: LedgerPack, now: number) {
  const [found] = await trace.lookUpPacks([pack], now);
  return found?.answer.epc ?? null;
}

function stopsOf({ markets, trace }: DecommissionDeskOptions): PackStops {
  return async (pack, { reason, revertOf }, now) => {
    const [found] = await trace.lookUpPacks([pack], now);
    const epc = found?.answer.epc ?? null;
    if (revertOf === null) {
      if (found === undefined || !FOR_USE.has(reason)) return [];
      const { findings } = found.answer;
      const isPackPast = pack.expiry !== null && isPast(pack.expiry, now);
      if (isPackPast) return [`the pack expired on ${pack.expiry}`];
      // That a pack of others is not known here says nothing.
      const stopping = findings.filter(
        ({ finding }) => epc !== null && (found.stops.has(finding) || MISMATCHES.has(finding)),
      );
      return stopping.map((one) => one.reason);
    }
    if (epc === null) return [];
    const own = rulesOn(markets.get(revertOf.market), revertOf.reason)?.disposition ?? null;
    const statuses = await trace.stoppingStatuses(epc);
    return statuses
      .filter(({ status, at }) => status !== own || at !== revertOf.at)
      .map(({ status, at }) => `the pack is ${status.replace('_', ' ')} since ${new Date(at).toISOString()}`);
  };
}
