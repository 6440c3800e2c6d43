import {
  type AuditSubject,
  type AuditTrail,
  ConflictError,
  InputError,
  type Log,
  type NewRecord,
  type Origination,
  type Quarantined,
  type TimeSource,
} from '../../domain/index.ts';
import {
  type Database,
  type EntryPlace,
  effectsOf,
  type KeptEntry,
  type QuarantineStore,
} from '../../storage/index.ts';
import { notFound } from './problems.ts';

/** Decided and looked at in one go. */
const BATCH = 200;
const MOST_LEFT = 100;

/** The readings of an entry that a person takes over, as the room that refused them reads them. */
export type Adopt = (
  entry: Quarantined,
  now: number,
) => { readonly records: readonly NewRecord[]; readonly readings: number };

export interface QuarantineCommandsOptions {
  readonly adopt: Adopt;
  readonly audit: AuditTrail;
  readonly database: Database;
  readonly log: Pick<Log, 'append'>;
  readonly quarantine: QuarantineStore;
  readonly time: TimeSource;
}

export interface QuarantineOutcome {
  readonly entries: number;
  readonly readings: number;
  readonly left: readonly { readonly id: string; readonly reason: string }[];
}

type Outcome = { -readonly [Key in keyof QuarantineOutcome]: QuarantineOutcome[Key] } & {
  left: { id: string; reason: string }[];
};

/** What people decide of what was refused on its way in. */
export class QuarantineCommands {
  readonly #options: QuarantineCommandsOptions;

  constructor(options: QuarantineCommandsOptions) {
    this.#options = options;
  }

  /**
   * @throws {InputError} QUARANTINE_UNKNOWN no such entry; QUARANTINE_NOT_ADOPTABLE nothing of it can be taken
   * @throws {ConflictError} QUARANTINE_DECIDED somebody decided before
   */
  async decide(id: string, decision: 'adopted' | 'discarded', reason: string, who: Origination) {
    const place = placeOf(id);
    const entry = place === null ? null : await this.#options.quarantine.get(place);
    if (entry === null) throw notFound('QUARANTINE_UNKNOWN', `there is no entry ${id}`);
    if (entry.decision !== null) throw decidedBefore(entry);
    const outcome: Outcome = { entries: 0, readings: 0, left: [] };
    await this.#apply([entry], decision, reason, who, outcome);
    if (outcome.entries === 0) throw decidedBefore((await this.#options.quarantine.get(entry)) ?? entry);
    return outcome;
  }

  /** Who sent an entry; null where there is none, or nobody is known. */
  async sourceOf(id: string): Promise<string | null> {
    const place = placeOf(id);
    return place === null ? null : ((await this.#options.quarantine.get(place))?.source ?? null);
  }

  /** The same for everything of a source that waits; what cannot be adopted is left, and said. */
  async decideAll(source: string, decision: 'adopted' | 'discarded', reason: string, who: Origination) {
    const outcome: Outcome = { entries: 0, readings: 0, left: [] };
    for (let after: KeptEntry | null = null; ; ) {
      const entries: readonly KeptEntry[] = await this.#options.quarantine.waiting(source, BATCH, after);
      const last = entries.at(-1);
      if (last === undefined) return outcome;
      after = last;
      const taken = entries.filter((entry) => decision === 'discarded' || this.#isAdoptable(entry, outcome));
      await this.#apply(taken, decision, reason, who, outcome);
    }
  }

  #isAdoptable(entry: KeptEntry, outcome: Outcome): boolean {
    try {
      this.#options.adopt(entry, this.#options.time.now());
      return true;
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      if (outcome.left.length < MOST_LEFT) outcome.left.push({ id: idOf(entry), reason: error.message });
      return false;
    }
  }

  /**
   * The readings first, in the log; then what was decided. Where the second does not come about the entries wait still,
   * and adopting them again adds nothing: a reading that is there is there.
   */
  async #apply(
    entries: readonly KeptEntry[],
    decision: 'adopted' | 'discarded',
    reason: string,
    who: Origination,
    outcome: Outcome,
  ): Promise<void> {
    if (entries.length === 0) return;
    const { adopt, audit, database, log, quarantine, time } = this.#options;
    const at = time.now();
    const adopted = decision === 'adopted' ? entries.map((entry) => adopt(entry, at)) : [];
    const records = adopted.flatMap((one) => one.records);
    if (records.length > 0) await log.append(records);
    await database.transaction(async (client) => {
      const effects = effectsOf(client);
      const decided = await quarantine.decide(effects, entries, { decision, at, by: who.actor.name, reason });
      outcome.entries += decided;
      if (decided === 0) return;
      await audit.addAll(
        effects,
        entries.map((entry, index) => ({
          ...who,
          at,
          action: decision === 'adopted' ? 'quarantine.adopt' : 'quarantine.discard',
          subject: `device:${entry.source ?? 'unknown'}` as AuditSubject,
          old: { entry: idOf(entry), refusedFor: entry.reason },
          new: { readings: adopted[index]?.readings ?? 0 },
          reason,
        })),
      );
    });
    outcome.readings += adopted.reduce((sum, { readings }) => sum + readings, 0);
  }
}

export function idOf({ partition, position, index }: EntryPlace): string {
  return `${partition}.${position}.${index}`;
}

/** null where the id is none. */
function placeOf(id: string): EntryPlace | null {
  const [, partition, position, index] = /^(\d{1,4})\.(\d{1,15})\.(\d{1,9})$/.exec(id) ?? [];
  if (partition === undefined) return null;
  return { partition: Number(partition), position: Number(position), index: Number(index) };
}

function decidedBefore({ decision }: KeptEntry): ConflictError {
  const said = decision === null ? 'decided' : `${decision.decision} by ${decision.by}`;
  return new ConflictError('QUARANTINE_DECIDED', `it was ${said} already`, { decision });
}
