import { type EdiInterchange, type FileForm, type ReadFile, readFile } from '../../codecs/edi/index.ts';
import { ExpressionThread } from '../../codecs/mapping/index.ts';
import { InputError, type TimeSource } from '../../domain/index.ts';
import { readDocument, type SystemDocument } from './document.ts';
import type { InMapping, SystemFile } from './system-file.ts';

/** A file of a system as its mappings read it. */
export interface ReadDocuments {
  readonly form: FileForm;
  readonly documents: readonly SystemDocument[];
}

/** For one file of a system: more than a message of a device has. */
const LIMITS = {
  ...{ withinMs: 5_000, heapMib: 256, waiting: 16, sequence: 200_000 },
  mostAnswer: 32 * 1024 * 1024,
};
const MOST_DOCUMENTS = 5_000;

/** Makes documents of files by the mappings of a system, whole or not at all, within bounds of time and memory. */
export class DocumentReader {
  readonly #thread: ExpressionThread;

  constructor({ time }: { readonly time: TimeSource }) {
    this.#thread = new ExpressionThread({ time, limits: LIMITS });
  }

  stop(): Promise<void> {
    return this.#thread.stop();
  }

  /**
   * @throws {InputError} ERP_FILE_UNMAPPED, ERP_MAPPING_FAILED, ERP_DOCUMENT_BAD
   * @throws {UnavailableError} MAPPINGS_BUSY
   */
  async documents(system: string, file: ReadFile, mapping: SystemFile): Promise<ReadDocuments> {
    const documents: SystemDocument[] = [];
    for (const [index, input] of file.inputs.entries()) {
      const what = file.inputs.length === 1 ? 'the file' : `message ${index + 1}`;
      const chosen = await this.#mappingOf(system, input, file.form, mapping);
      if (chosen === null) {
        const told = mapping.in.map(({ id }) => id).join(', ');
        const message = `${what} is ${nameOf(input, file.form)} given; allowed: what a mapping of ${system} reads${told === '' ? ', which has none' : ` (${told})`}`;
        throw new InputError('ERP_FILE_UNMAPPED', message);
      }
      const made = await this.#run(system, chosen, chosen.makes, input);
      const all = Array.isArray(made) ? made : [made];
      if (all.length === 0) throw failed(chosen, `made no document of ${what}`);
      if (documents.length + all.length > MOST_DOCUMENTS)
        throw failed(chosen, `made more than ${MOST_DOCUMENTS} documents`);
      for (const one of all) documents.push(readDocument(one, whereOf(one, documents.length)));
    }
    const twice = documents.find(
      (one, index) => documents.findIndex(({ kind, number }) => kind === one.kind && number === one.number) < index,
    );
    if (twice !== undefined) {
      throw new InputError(
        'ERP_DOCUMENT_BAD',
        `${twice.kind} ${twice.number}: given twice in the file; allowed: each once`,
      );
    }
    return { form: file.form, documents };
  }

  /** What an expression makes of something that is told. @throws {InputError} ERP_MAPPING_FAILED */
  async told(
    system: string,
    { id, makes }: { readonly id: string; readonly makes: string },
    input: unknown,
  ): Promise<unknown> {
    return this.#run(system, { id }, makes, input);
  }

  async #mappingOf(
    system: string,
    input: unknown,
    form: FileForm,
    { in: mappings }: SystemFile,
  ): Promise<InMapping | null> {
    for (const one of mappings) {
      if (one.form !== null && one.form !== form) continue;
      if (one.when === null || (await this.#run(system, one, `$boolean(${one.when}\n)`, input)) === true) return one;
    }
    return null;
  }

  async #run(system: string, { id }: Pick<InMapping, 'id'>, expression: string, value: unknown): Promise<unknown> {
    const answer = await this.#thread.evaluate({ name: `${system}/${id}`, expression, input: { value }, bindings: {} });
    if ('fault' in answer) throw failed({ id }, answer.fault);
    return JSON.parse(answer.json);
  }
}

/** Reads the bytes of a file. @throws {InputError} what is wrong, with its line */
export function readSystemFile(content: Uint8Array, { layout }: SystemFile): ReadFile {
  return readFile(content, layout);
}

/** What tells an interchange from any other of its sender. */
export function interchangeKey({ standard, sender, control }: EdiInterchange): string {
  return `${standard} ${sender.qualifier}:${sender.id} ${control}`;
}

function nameOf(input: unknown, form: FileForm): string {
  const type = typeof input === 'object' && input !== null ? Reflect.get(input, 'type') : undefined;
  if (form === 'x12' || form === 'edifact') return `${form} ${String(type)}`;
  const [root] = form === 'xml' && typeof input === 'object' && input !== null ? Object.keys(input) : [];
  return root === undefined ? form : `${form} <${root}>`;
}

function whereOf(made: unknown, index: number): string {
  const number = typeof made === 'object' && made !== null ? Reflect.get(made, 'number') : undefined;
  return `document ${index + 1}${number === undefined ? '' : ` (${String(number).slice(0, 80)})`}`;
}

function failed({ id }: Pick<InMapping, 'id'>, why: string): InputError {
  return new InputError('ERP_MAPPING_FAILED', `mapping ${id}: ${why}`);
}
