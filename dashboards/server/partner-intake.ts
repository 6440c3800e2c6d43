import { randomUUID } from 'node:crypto';
import { glnOf, gtinOf, serialOf } from '../../codecs/epc/index.ts';
import { documentText, type EpcisReading, readEpcisEach } from '../../codecs/epcis/index.ts';
import {
  type Asn,
  ConflictError,
  type EpcisCapture,
  type Fact,
  InputError,
  isAgreed,
  type KeyedAct,
  type Origination,
  type Partner,
  type TimeSource,
} from '../../domain/index.ts';
import {
  type CameIn,
  formatOf,
  type HeldClaim,
  type Outcome,
  openSigned,
  type PartnerClaims,
  type PartnerFile,
  type PartnerFiles,
} from '../../partners/index.ts';
import type { NewCase } from '../../quality/index.ts';
import { csvText, digestOf, type EpcisQueries, parseAsnCsv, type TraceQueries } from '../../trace/index.ts';
import type { FactCommands } from './fact-commands.ts';
import { fileGone } from './file-gone.ts';
import type { Lane } from './shipment-commands.ts';

export interface PartnerIntakeOptions {
  readonly claims: PartnerClaims;
  readonly epcisQueries: EpcisQueries;
  readonly factCommands: FactCommands;
  readonly files: PartnerFiles;
  /** Decisions on one shipment, one after another. */
  readonly lane: Lane;
  /** Another: a file that is tried again waits for its shipment. */
  readonly fileLane: Lane;
  readonly time: TimeSource;
  readonly trace: TraceQueries;
  /** Opens the cases of questions about goods in our hands together, and marks the id of the first in the same transaction. */
  readonly openCases: (wishes: readonly NewCase[], by: Origination, act: KeyedAct) => Promise<unknown>;
}

/** What a person is to decide before anything of a file is taken. */
interface Question {
  /** One or two. */
  readonly claims: readonly HeldClaim[];
  readonly format: string;
}

/** Characters of a title. */
const MOST_TITLE = 200;

/** Takes files of partners in: kept first, then read, and told what became of them. */
export class PartnerIntake {
  readonly #options: PartnerIntakeOptions;

  constructor(options: PartnerIntakeOptions) {
    this.#options = options;
  }

  /**
   * Never throws for what is in the file: that is its fate.
   * @throws {InputError} PARTNER_QUOTA, PARTNER_FILE_TOO_LARGE @throws {UnavailableError} LOG_FULL, LOG_UNAVAILABLE
   */
  async take(partner: Partner, file: CameIn, by: Origination): Promise<PartnerFile> {
    const kept = await this.#options.files.keep(partner, file, by);
    return kept.fate === 'repeated' ? kept : this.#settle(partner, kept, file.content, by);
  }

  /**
   * Takes a file that was refused, or that we stopped in the middle of, as it is kept: what it lacked may have been put right
   * here. One that is asked about is granted by it: it is taken as it says. What was taken meanwhile is told as repeated.
   * @throws {InputError} PARTNER_FILE_UNKNOWN @throws {ConflictError} PARTNER_FILE_SETTLED
   */
  async again(partner: Partner, id: number, by: Origination): Promise<PartnerFile> {
    const { files, fileLane } = this.#options;
    // Who presses twice takes it once.
    return fileLane.alone(`file ${id}`, async () => {
      const kept = await files.find(partner.id, id);
      if (kept === null) throw new InputError('PARTNER_FILE_UNKNOWN', `${partner.id} has no file ${id}`, { id });
      const { content, ...file } = kept;
      if (content === null) throw fileGone(id, file);
      if (file.fate !== 'refused' && file.fate !== 'waiting' && file.fate !== 'asked')
        throw new ConflictError(
          'PARTNER_FILE_SETTLED',
          `file ${id} is ${file.fate}; only a refused one is tried again`,
        );
      const repeats = await files.taken(file);
      if (repeats === null) return this.#settle(partner, file, content, by);
      const nothing = { format: file.format, reason: null, subject: null, events: 0 };
      return files.settle(file, { fate: 'repeated', repeats, ...nothing }, by);
    });
  }

  async #settle(partner: Partner, kept: PartnerFile, content: Buffer, by: Origination): Promise<PartnerFile> {
    let outcome: Outcome | Question;
    try {
      outcome = await this.#read(partner, kept, content, by);
    } catch (error) {
      if (!(error instanceof InputError || error instanceof ConflictError)) throw error;
      outcome = { fate: 'refused', reason: error.message, format: null, subject: null, events: 0 };
    }
    if ('claims' in outcome) return this.#ask(partner, kept, outcome, by);
    return this.#options.files.settle(kept, outcome, by);
  }

  /**
   * Nothing of it is taken until a person has decided: the file says so, and a case asks. Where a word in it stops goods the
   * case is one of suspect product, which stops them meanwhile: to wait is cheaper than to give out what is recalled. Those that it
   * only frees are another question, which stops nothing.
   */
  async #ask(partner: Partner, kept: PartnerFile, { claims, format }: Question, by: Origination): Promise<PartnerFile> {
    const { files, openCases } = this.#options;
    const asked = claims.map(({ epcs, statuses, stops }) => {
      const goods = epcs.length === 1 ? 'one pack' : `${epcs.length} packs`;
      return { epcs, stops, words: `of ${goods} in our hands: ${statuses.join(', ')}` };
    });
    const all = `${partner.name} says ${asked.map(({ words }) => words).join('; ')}`;
    const reason = `${all}; nothing of the file is taken until quality has decided`;
    let settled = kept;
    await openCases(
      asked.map(({ epcs, stops, words }) => ({
        kind: stops ? ('suspect product' as const) : ('complaint' as const),
        title: `${partner.name} says ${words}`.slice(0, MOST_TITLE),
        ...{ shipment: null, place: null },
        serials: epcs.map((epc) => ({ epc, gtin: gtinOf(epc), serial: serialOf(epc) })),
        reason: `${all} (file ${kept.id}, ${kept.name.slice(0, MOST_TITLE)}, SHA-256 ${kept.sha256})`,
      })),
      by,
      {
        made: null,
        mark: async (effects, id) => {
          const outcome = { fate: 'asked', reason, format, subject: `case:${id}`, events: 0 } as const;
          settled = await files.settleIn(effects, kept, outcome, by);
        },
      },
    );
    return settled;
  }

  async #read(partner: Partner, kept: PartnerFile, content: Buffer, by: Origination): Promise<Outcome | Question> {
    if (!isAgreed(partner, this.#options.time.now()) || !partner.sends.includes('files'))
      throw new InputError('PARTNER_NOT_AGREED', `files are not agreed with ${partner.id} today`);
    const { content: said, key } = await openSigned(content, partner, this.#options.time.now());
    const format = formatOf(said);
    const signed = key === null ? null : `signed with their key ${key}`;
    if (partner.formats.length > 0 && !partner.formats.includes(format)) {
      const message = `it is ${format}; agreed are ${partner.formats.join(', ')}`;
      throw new InputError('PARTNER_FILE_BAD', message);
    }
    if (format === 'csv') {
      const asn = parseAsnCsv(csvText(said));
      await this.#options.lane.alone(asn.id, async () => {
        await this.#requireOwn(partner, asn);
        await this.#record([{ type: 'asn', asn, by: partner.id }], kept, content, by);
      });
      return { fate: 'taken', reason: signed, format, subject: `shipment:${asn.id}`, events: 0 };
    }
    const reading = readEpcisEach(documentText(said));
    if (reading.events.length === 0 && reading.refused.length === 0)
      throw new InputError('PARTNER_FILE_BAD', 'there is no event in it');
    if (reading.refused.length > 0) throw refusalOf(reading);
    const objection = await this.#options.claims.objection(partner, reading.events);
    if (objection !== null) throw new InputError('PARTNER_CLAIM_FOREIGN', objection);
    // What is asked about is granted by who takes it again.
    const claims = kept.fate === 'asked' ? [] : await this.#options.claims.questions(reading.events);
    if (claims.length > 0) return { claims, format };
    const capture = await this.#capture(partner, reading, kept, content, by);
    const reason = [signed, foreignSource(partner, reading)].filter((one) => one !== null).join('; ') || null;
    return { fate: 'taken', reason, format, subject: `capture:${capture}`, events: reading.events.length };
  }

  /**
   * A notice replaces the one before it: of others, or where we corrected it, that is not a partner's to do.
   * @throws {ConflictError} SHIPMENT_EXISTS @throws {UnavailableError} FACTS_WAITING
   */
  async #requireOwn(partner: Partner, asn: Asn): Promise<void> {
    const { factCommands, trace } = this.#options;
    await factCommands.settled();
    const before = await trace.notice(asn.id);
    if (before === null || before.content === null || before.content === digestOf(asn)) return;
    if (before.by === partner.id) return;
    const message = `there is a shipment ${asn.id} already, and what is announced of it is not of ${partner.id}: change it here, or agree on another id`;
    throw new ConflictError('SHIPMENT_EXISTS', message, { id: asn.id });
  }

  async #capture(
    partner: Partner,
    reading: EpcisReading,
    kept: PartnerFile,
    content: Buffer,
    by: Origination,
  ): Promise<string> {
    const { epcisQueries, time } = this.#options;
    const own = [...reading.namespaces].filter(([, namespace]) => !namespace.startsWith('urn:epcglobal:'));
    const capture: EpcisCapture = {
      ...{ id: randomUUID(), at: time.now(), errorBehaviour: 'rollback', refused: [], events: reading.events },
      context: [...reading.contexts, ...(own.length === 0 ? [] : [Object.fromEntries(own)])],
      ...(reading.masterData.length > 0 && { masterData: reading.masterData }),
    };
    await epcisQueries.announce({ id: capture.id, createdAt: capture.at, errorBehaviour: 'rollback' });
    try {
      await this.#record([{ type: 'epcis', capture, by: partner.id }], kept, content, by);
    } catch (error) {
      await epcisQueries.withdraw(capture.id);
      throw error;
    }
    return capture.id;
  }

  async #record(facts: readonly Fact[], kept: PartnerFile, payload: Buffer, origination: Origination): Promise<void> {
    const door = `partner file ${kept.id} by ${kept.via}`;
    await this.#options.factCommands.record(facts, { source: kept.partner, origination, door, payload });
  }
}

/** All or nothing: half a file that was taken is one that nobody can put right. */
function refusalOf({ refused }: EpcisReading): InputError {
  const [first] = refused;
  const more = refused.length > 1 ? ` (and ${refused.length - 1} more)` : '';
  const message =
    first === undefined ? 'refused' : `${first.path}: ${first.given} given; allowed: ${first.allowed}${more}`;
  return new InputError('EPCIS_INVALID', message);
}

/** Taken all the same: a carrier may send for others; but who looks at it knows. */
function foreignSource({ glns }: Partner, { events }: EpcisReading): string | null {
  const named = events.flatMap(({ sourceList }) =>
    Array.isArray(sourceList) ? (sourceList as { source?: unknown }[]).map(({ source }) => glnOf(String(source))) : [],
  );
  const foreign = named.find((gln) => gln !== null && !glns.includes(gln));
  return foreign == null ? null : `it names ${foreign} as source, which is no GLN of this partner here`;
}
