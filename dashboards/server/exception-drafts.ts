import { type ExceptionKind, exceptionKindOf, InputError } from '../../domain/index.ts';
import type { MarketWatch, PartnerFiles, Transactions } from '../../partners/index.ts';
import { OWN_PARTY } from '../../partners/index.ts';
import type { DifferenceRecord, TraceQueries } from '../../trace/index.ts';
import { marketDrafts } from './market-drafts.ts';

/** What would be told to a partner; nothing of it is kept before it is opened. */
export interface ExceptionDraft {
  readonly kind: ExceptionKind;
  /** Who it would be told to, where that follows from what is known. */
  readonly partner: string | null;
  readonly title: string;
  readonly text: string;
  readonly shipment: string | null;
  readonly epcs: string[];
  readonly lot: string | null;
  readonly finding: string;
}

export interface ExceptionDraftsOptions {
  readonly files: PartnerFiles;
  readonly marketWatch: MarketWatch;
  readonly trace: TraceQueries;
  readonly transactions: Transactions;
}

const TITLE_LENGTH = 200;
const TEXT_LENGTH = 4_000;
/** EPCs that one exception names. */
const MOST_EPCS = 1_000;

/** Turns what was found here (a difference, damage, a file that could not be taken) into the words of an exception. */
export class ExceptionDrafts {
  readonly #options: ExceptionDraftsOptions;

  constructor(options: ExceptionDraftsOptions) {
    this.#options = options;
  }

  /** Of its open differences, and of what a market asks for and nobody told. @throws {InputError} SHIPMENT_UNKNOWN */
  async ofShipment(id: string): Promise<ExceptionDraft[]> {
    const { marketWatch, trace } = this.#options;
    const differences = await trace.reconciliation(id);
    if (differences === null) throw new InputError('SHIPMENT_UNKNOWN', `there is no shipment ${id}`, { shipment: id });
    const partner = await this.#senderOf(id);
    const asked = marketDrafts(id, (await marketWatch.ofShipment(id)) ?? []);
    return [...differenceDrafts(differences, `shipment ${id}`, partner), ...asked.map((one) => ({ ...one, partner }))];
  }

  /** Of what differs in a pass and of what was said there to be damaged. @throws {InputError} PASS_UNKNOWN */
  async ofPass(id: string): Promise<ExceptionDraft[]> {
    const { trace } = this.#options;
    const differences = await trace.passReconciliation(id);
    if (differences === null) throw new InputError('PASS_UNKNOWN', `there is no pass ${id}`, { pass: id });
    const shipments = [...new Set(differences.flatMap(({ shipment }) => shipment ?? []))];
    const [shipment = null, ...others] = shipments;
    const partner = shipment === null || others.length > 0 ? null : await this.#senderOf(shipment);
    const damages = await trace.passDamages(id);
    return [
      // What is damaged is told with the words of who saw it.
      ...differenceDrafts(
        differences.filter(({ term }) => damages.length === 0 || term !== 'damaged'),
        `what came through the door (${id})`,
        partner,
      ),
      ...damages.map(({ epcs, note, at, by, photos }, index): ExceptionDraft => {
        const count = epcs.length === 1 ? 'one pack or unit' : `${epcs.length} packs or units`;
        const seen = `Damaged when it came: ${count}, seen by ${by} at ${new Date(at).toISOString()}.`;
        const shown = photos.length === 0 ? '' : ` Photos with SHA-256 ${photos.join(', ')} are kept here.`;
        return {
          ...{ kind: 'damage', partner, title: `damage: ${count}`, lot: null },
          text: `${seen}${note === null ? '' : ` ${note}`}${shown}`.slice(0, TEXT_LENGTH),
          ...{ shipment: others.length > 0 ? null : shipment, epcs: epcs.slice(0, MOST_EPCS) },
          finding: `pass:${id}/damage-${index + 1}`,
        };
      }),
    ];
  }

  /** Of a file that was refused, with its reason. @throws {InputError} PARTNER_FILE_UNKNOWN */
  async ofFile(partner: string, id: number): Promise<ExceptionDraft[]> {
    const file = await this.#options.files.find(partner, id);
    if (file === null) throw new InputError('PARTNER_FILE_UNKNOWN', `${partner} has no file ${id}`, { id });
    if (file.fate !== 'refused' && file.fate !== 'asked') return [];
    const { name, sha256, at, reason, fate } = file;
    const came = `${name}, which came at ${new Date(at).toISOString()} (SHA-256 ${sha256})`;
    return [
      {
        ...{ kind: 'data errors', partner, shipment: null, epcs: [], lot: null, finding: `file:${id}` },
        title: `${fate === 'refused' ? 'Refused' : 'Not taken yet'}: ${name}`.slice(0, TITLE_LENGTH),
        text: `Nothing was taken of ${came}: ${reason ?? 'no reason was kept'}`.slice(0, TEXT_LENGTH),
      },
    ];
  }

  /** Who goods came from, as the record of the transaction says; null: us, or nobody who is known. */
  async #senderOf(shipment: string): Promise<string | null> {
    const [found] = await this.#options.transactions.find({ shipment }, { withSerials: false });
    const partner = found?.from.partner ?? null;
    return partner === OWN_PARTY ? null : partner;
  }
}

function differenceDrafts(
  differences: readonly DifferenceRecord[],
  of: string,
  partner: string | null,
): ExceptionDraft[] {
  return differences
    .filter(({ settlement }) => settlement === null)
    .map(({ id, term, epcs, insteadOf, unit, shipment }) => ({
      ...{ kind: exceptionKindOf(term), partner, title: `${term}: ${epcs.length} of ${of}`.slice(0, TITLE_LENGTH) },
      text: `${term}: ${epcs.length}${unit === null ? '' : ` in ${unit}`}${insteadOf.length === 0 ? '' : `, in the place of ${insteadOf.slice(0, 20).join(', ')}`}`,
      ...{ shipment, epcs: epcs.slice(0, MOST_EPCS), lot: null, finding: `difference:${id}` },
    }));
}
