import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';

/**
 * What GS1's own schemas say of a document, from a checkout of github.com/gs1/EPCIS, by readers that have nothing of ours:
 * libxml2 and ajv. GS1 publishes them without a licence to copy, so that they are not kept here.
 */
export class Gs1Schemas {
  readonly #folder: string;
  readonly #json: ValidateFunction;
  readonly #query: ValidateFunction;

  /** @param folder the checkout @throws {Error} it is none */
  constructor(folder: string) {
    this.#folder = folder;
    const ajv = new Ajv({ strict: false, validateFormats: false, logger: false });
    const read = (name: string): object => JSON.parse(readFileSync(join(folder, name), 'utf8')) as object;
    this.#json = ajv.compile(read('EPCIS-JSON-Schema.json'));
    this.#query = ajv.compile(read('REST Bindings/query-schema.json'));
  }

  /** @returns null: valid; else what is not, in the reader's words. Undefined: no schema is for this */
  faultOfXml(xml: string | Buffer): string | null | undefined {
    const head = xml.toString('utf8').replace(/<\?.*?\?>|<!--[\s\S]*?-->/g, '');
    const [, root = ''] = /<((?:[\w.-]+:)?[\w.-]+[^>]*)>/.exec(head) ?? [];
    const [, what = '', version = ''] = /urn:epcglobal:epcis(-query|-masterdata|):xsd:([12])/.exec(root) ?? [];
    if (version === '' || !/^(?:[\w.-]+:)?EPCIS\w*Document\b/.test(root)) return undefined;
    const schema = join(
      this.#folder,
      version === '1' ? 'XSL/1.2/XSD' : 'XSD',
      `EPCglobal-epcis${what}-${version === '1' ? '1_2' : '2_0'}.xsd`,
    );
    const { status, stderr, error } = spawnSync('xmllint', ['--noout', '--nonet', '--schema', schema, '-'], {
      ...{ input: xml, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
    });
    if (error !== undefined) throw error;
    if (status === 0) return null;
    return (stderr.split('\n').find((line) => /error/.test(line)) ?? stderr).replace(/^-:/, 'line ').slice(0, 300);
  }

  /** @param kind of a document or event, or of the body of a named query */
  faultOfJson(text: string, kind: 'document' | 'query'): string | null {
    let given: unknown;
    try {
      given = JSON.parse(text);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    const validate = kind === 'document' ? this.#json : this.#query;
    if (validate(given)) return null;
    const faults = (validate.errors ?? []).filter(({ keyword }) => keyword !== 'if');
    return faults
      .slice(0, 2)
      .map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params).slice(0, 80)}`)
      .join('; ')
      .slice(0, 300);
  }
}
