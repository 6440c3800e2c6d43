import { acknowledgeEdifact, acknowledgeX12, type ReadFile } from '../../codecs/edi/index.ts';
import { gtinOf } from '../../codecs/epc/index.ts';
import {
  type Asn,
  ConflictError,
  type Fact,
  InputError,
  type Origination,
  type ProductMaster,
  type TimeSource,
} from '../../domain/index.ts';
import {
  type ArrivedFile,
  type DecidedDocument,
  type DocumentReader,
  type FileOfSystem,
  interchangeKey,
  readSystemFile,
  type System,
  type SystemDocument,
  type SystemFile,
  type SystemFiles,
  type Systems,
} from '../../partners/index.ts';
import { digestOf, invalidAsn, readAsn, type TraceQueries } from '../../trace/index.ts';
import { productInput } from '../api/index.ts';
import type { FactCommands } from './fact-commands.ts';
import { fileGone } from './file-gone.ts';
import { productMasterOf } from './product-csv.ts';
import { codesIn, type Lane } from './shipment-commands.ts';

export interface SystemIntakeOptions {
  readonly factCommands: FactCommands;
  readonly files: SystemFiles;
  /** Decisions on shipments, one after another. */
  readonly lane: Lane;
  readonly reader: DocumentReader;
  readonly systems: Systems;
  readonly time: TimeSource;
  readonly trace: TraceQueries;
}

/** What a file would become, or became. */
export interface Plan {
  readonly form: FileOfSystem['form'];
  readonly interchanges: readonly string[];
  readonly documents: readonly (DecidedDocument & { readonly fact: Fact | null })[];
}

const NOTHING: Plan = { form: null, interchanges: [], documents: [] };

/** Takes files of ERP and WMS in: kept first, then read by their mapping, whole or not at all, each document once. */
export class SystemIntake {
  readonly #options: SystemIntakeOptions;

  constructor(options: SystemIntakeOptions) {
    this.#options = options;
  }

  /**
   * Never throws for what is in the file: that is its fate.
   * @throws {InputError} SYSTEM_QUOTA, SYSTEM_FILE_TOO_LARGE @throws {UnavailableError} LOG_FULL, MAPPINGS_BUSY, ...
   */
  async take(system: System, file: ArrivedFile, by: Origination): Promise<FileOfSystem> {
    const kept = await this.#options.files.keep(system, file, by);
    return kept.fate === 'repeated' ? kept : this.#work(system, kept, file.content, by, false);
  }

  /**
   * Reads a file once more, by the mapping there is now: one that was refused or waits. Somebody looked at it, so a control
   * number that came before is no reason any more.
   * @throws {ConflictError} SYSTEM_FILE_TAKEN
   */
  async again(system: System, id: number, by: Origination): Promise<FileOfSystem> {
    const kept = await this.#options.files.get(system.id, id);
    if (kept.fate !== 'refused' && kept.fate !== 'waiting') {
      throw new ConflictError('SYSTEM_FILE_TAKEN', `file ${id} is ${kept.fate}: there is nothing to try again`, {
        fate: kept.fate,
      });
    }
    const { content, ...file } = kept;
    if (content === null) throw fileGone(id, file);
    return this.#work(system, file, content, by, true);
  }

  /** What would become of a file by a mapping; nothing is kept. @throws {InputError} what is wrong, and where */
  async dryRun(system: string, content: Buffer, mapping: SystemFile): Promise<Plan> {
    const read = readSystemFile(content, mapping);
    return this.#plan(system, read, mapping);
  }

  async #work(
    system: System,
    kept: FileOfSystem,
    content: Buffer,
    by: Origination,
    isAgain: boolean,
  ): Promise<FileOfSystem> {
    const { files } = this.#options;
    let read: ReadFile | null = null;
    try {
      const opened = readSystemFile(content, system.file);
      read = opened;
      const { documents } = await this.#options.reader.documents(system.id, opened, system.file);
      if (!isAgain) await this.#requireFresh(system.id, opened, kept);
      const shipments = documents.flatMap((one) => (one.kind === 'delivery' ? [shipmentOf(one)] : []));
      // One file of a system at a time, and nobody decides on its shipments meanwhile.
      return await this.#options.lane.alone([`system ${system.id}`, ...shipments], async () => {
        const plan = await this.#decided(system.id, opened, documents, system.file);
        const facts = plan.documents.flatMap(({ fact }) => (fact === null ? [] : [fact]));
        const door = `system file ${kept.id} by ${kept.via}`;
        if (facts.length > 0) {
          await this.#options.factCommands.record(facts, {
            source: sourceOf(system.id),
            origination: by,
            door,
            payload: content,
          });
        }
        const acknowledgement = await this.#acknowledgement(system.id, opened, false);
        const settled = {
          ...plan,
          fate: fateOf(plan),
          reason: notesOf(plan),
          acknowledgement,
          mappingRevision: system.revision,
        };
        return files.settle(kept, settled, by);
      });
    } catch (error) {
      if (!(error instanceof InputError || error instanceof ConflictError)) throw error;
      const acknowledgement = read === null ? null : await this.#acknowledgement(system.id, read, true);
      const form = read?.form ?? null;
      const refused = { ...NOTHING, form, acknowledgement, mappingRevision: system.revision, fate: 'refused' as const };
      return files.settle(kept, { ...refused, reason: error.message.slice(0, 2_000) }, by);
    }
  }

  async #plan(system: string, read: ReadFile, mapping: SystemFile): Promise<Plan> {
    const { documents } = await this.#options.reader.documents(system, read, mapping);
    return this.#decided(system, read, documents, mapping);
  }

  async #decided(
    system: string,
    read: ReadFile,
    documents: readonly SystemDocument[],
    mapping: SystemFile,
  ): Promise<Plan> {
    const { factCommands, files } = this.#options;
    await factCommands.settled();
    const becoming = await files.decide(system, documents);
    const decided: Plan['documents'][number][] = [];
    for (const [index, document] of documents.entries()) {
      const become = becoming[index] ?? 'new';
      const made = await this.#factOf(system, document, mapping);
      const isApplied = become === 'new' || become === 'changed';
      if (isApplied && made.fact?.type === 'asn') await this.#requireOwn(system, made.fact.asn);
      const note = become === 'older' ? `a later revision is in force` : made.note;
      decided.push({ document, becomes: become, subject: made.subject, note, fact: isApplied ? made.fact : null });
    }
    return { form: read.form, interchanges: read.interchanges.map(interchangeKey), documents: decided };
  }

  /** @throws {InputError} ASN_INVALID, ERP_DOCUMENT_BAD */
  async #factOf(
    system: string,
    document: SystemDocument,
    { companyPrefixes }: SystemFile,
  ): Promise<{ readonly fact: Fact | null; readonly subject: string | null; readonly note: string | null }> {
    const { kind, number, body } = document;
    if (kind === 'product') {
      const product = productOf(number, body);
      return { fact: { type: 'product', product, by: sourceOf(system) }, subject: `product:${number}`, note: null };
    }
    if (kind !== 'delivery') return { fact: null, subject: null, note: null };
    const id = shipmentOf(document);
    const known = await this.#options.trace.prefixesKnownFor(codesIn(body));
    const { asn, refusals } = readAsn({ ...body, id }, { companyPrefixes: new Set([...companyPrefixes, ...known]) });
    if (asn === null) {
      const error = invalidAsn(refusals);
      throw new InputError(error.code, `delivery ${number}: ${error.message}`, error.details);
    }
    return {
      fact: { type: 'asn', asn, by: sourceOf(system) },
      subject: `shipment:${id}`,
      note: countsNote(asn, document),
    };
  }

  /**
   * A notice replaces the one before it: of others, or where we corrected it, that is not a system's to do.
   * @throws {ConflictError} SHIPMENT_EXISTS
   */
  async #requireOwn(system: string, asn: Asn): Promise<void> {
    const before = await this.#options.trace.notice(asn.id);
    if (before === null || before.content === null || before.content === digestOf(asn)) return;
    if (before.by === sourceOf(system)) return;
    const message = `there is a shipment ${asn.id} already, and what is announced of it is not of ${system}: change it here, or let the mapping give it another id`;
    throw new ConflictError('SHIPMENT_EXISTS', message, { id: asn.id });
  }

  /** A control number stands for one interchange for good (X12 I12, EDIFACT 0020). @throws {ConflictError} ERP_CONTROL_TWICE */
  async #requireFresh(system: string, { interchanges }: ReadFile, { sha256 }: FileOfSystem): Promise<void> {
    const keys = interchanges.map(interchangeKey);
    const inside = keys.find((key, index) => keys.indexOf(key) < index);
    if (inside !== undefined)
      throw new ConflictError('ERP_CONTROL_TWICE', `control number ${inside} stands twice in the file`);
    for (const key of keys) {
      const before = await this.#options.files.ofInterchange(system, key, sha256);
      if (before === null) continue;
      const message = `control number ${key} came with other content in file ${before.id}; try it again here if it is right`;
      throw new ConflictError('ERP_CONTROL_TWICE', message, { file: before.id });
    }
  }

  async #acknowledgement(system: string, { interchanges }: ReadFile, isRefused: boolean): Promise<string | null> {
    const { systems, time } = this.#options;
    const texts: string[] = [];
    for (const one of interchanges) {
      // What acknowledges is not acknowledged.
      if (one.groups.every(({ messages }) => messages.every(({ type }) => ACKNOWLEDGES.has(type)))) continue;
      const control = await systems.nextControl(system);
      const told = { at: time.now(), isRefused };
      texts.push(
        one.standard === 'x12'
          ? acknowledgeX12(one, { ...told, control })
          : acknowledgeEdifact(one, { ...told, control: String(control) }),
      );
    }
    return texts.length === 0 ? null : texts.join('');
  }
}

const ACKNOWLEDGES: ReadonlySet<string> = new Set(['997', '999', 'CONTRL', 'APERAK']);

/** Who said so, in notices and facts. */
function sourceOf(system: string): string {
  return `system ${system}`;
}

function shipmentOf({ number, body }: SystemDocument): string {
  const id = body?.id;
  return typeof id === 'string' ? id : number;
}

/** @throws {InputError} ERP_DOCUMENT_BAD */
function productOf(gtin: string, body: SystemDocument['body']): ProductMaster {
  const read = productInput.safeParse(body);
  if (!read.success) {
    const [issue] = read.error.issues;
    const path = issue?.path.join('.') ?? '';
    throw new InputError('ERP_DOCUMENT_BAD', `product ${gtin}: ${path}: ${issue?.message ?? 'not as expected'}`);
  }
  return productMasterOf({ ...read.data, gtin });
}

/** Where serials are listed, they and the lines count the same packs; null where they do. */
function countsNote({ units }: Asn, { lines }: SystemDocument): string | null {
  if (lines.length === 0) return null;
  const listed = new Map<string, number>();
  for (const epc of units.flatMap(({ children }) => children)) {
    const gtin = gtinOf(epc);
    if (gtin !== null) listed.set(gtin, (listed.get(gtin) ?? 0) + 1);
  }
  if (listed.size === 0) return null;
  const counted = new Map<string, number>();
  for (const { gtin, quantity } of lines) counted.set(gtin, (counted.get(gtin) ?? 0) + quantity);
  const other = [...new Set([...listed.keys(), ...counted.keys()])].filter(
    (gtin) => listed.get(gtin) !== counted.get(gtin),
  );
  if (other.length === 0) return null;
  const told = other
    .slice(0, 3)
    .map((gtin) => `${gtin}: ${counted.get(gtin) ?? 0} in its lines, ${listed.get(gtin) ?? 0} serials listed`);
  return told.join('; ');
}

function fateOf({ documents }: Plan): 'taken' | 'unchanged' | 'older' {
  if (documents.some(({ becomes }) => becomes === 'new' || becomes === 'changed')) return 'taken';
  return documents.every(({ becomes }) => becomes === 'unchanged') ? 'unchanged' : 'older';
}

function notesOf({ documents }: Plan): string | null {
  const notes = documents.flatMap(({ document, note }) =>
    note === null ? [] : [`${document.kind} ${document.number}: ${note}`],
  );
  if (notes.length === 0) return null;
  const more = notes.length > 5 ? ` (and ${notes.length - 5} more)` : '';
  return `${notes.slice(0, 5).join('; ')}${more}`.slice(0, 2_000);
}
