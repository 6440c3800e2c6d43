import { z } from 'zod';
import { FILE_FORMS, type FileForm, type IdocLayout } from '../../codecs/edi/index.ts';
import { checkExpression } from '../../codecs/mapping/index.ts';
import { InputError, YamlFile } from '../../domain/index.ts';

/** What files of a system are read by. */
export interface InMapping {
  readonly id: string;
  /** null: of any form. */
  readonly form: FileForm | null;
  /** JSONata that says whether an input is this mapping's; null: every one is. */
  readonly when: string | null;
  /** JSONata that makes a document of it, or several. */
  readonly makes: string;
}

/** What a system is told of by itself. */
export interface OutMapping {
  readonly id: string;
  /** What was received; or what was decided of goods: released, quarantined, rejected, to be returned or destroyed. */
  readonly tells: 'receipts' | 'decisions';
  /** By its webhook, or as a file in the `out` of its folder. */
  readonly to: 'webhook' | 'folder';
  readonly as: 'json' | 'csv';
  /** JSONata over what is told; null: as it is. */
  readonly makes: string | null;
}

/** How much a system may bring on a day, in UTC. What is more is turned away and can be sent again later. */
export interface SystemQuota {
  readonly filesPerDay: number;
  readonly bytesPerDay: number;
}

/** The mapping file of one system: all that is needed to read it and to tell it. */
export interface SystemFile {
  readonly name: string;
  /** GS1 company prefixes, without which an element string or 18 digits of an SSCC do not say their EPC. */
  readonly companyPrefixes: readonly string[];
  readonly layout: IdocLayout;
  readonly webhook: string | null;
  readonly quota: SystemQuota;
  readonly in: readonly InMapping[];
  readonly out: readonly OutMapping[];
}

const BAD = 'ERP_MAPPING_BAD';
const MOST_MAPPINGS = 64;
const id = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, '1 to 32 of a-z 0-9 -');
const expression = z
  .string('JSONata')
  .min(1, 'JSONata')
  .max(50_000, 'JSONata of at most 50,000 characters')
  .superRefine((text, context) => {
    try {
      checkExpression(text);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      context.addIssue(`JSONata: ${error.message}`);
    }
  });
const segment = z.string().transform((text, context) => {
  const fields = text.split(/\s+/).filter((one) => one !== '');
  return fields.map((one): [string, number] => {
    const [, name = '', width = ''] = /^([A-Z0-9_]{1,30}):(\d{1,4})$/.exec(one) ?? [];
    if (name === '') context.addIssue('fields with their widths, such as VBELN:10 VSTEL:4');
    return [name, Number(width)];
  });
});
const most = (usual: number, allowed: number) => {
  const words = `a whole number from 1 to ${allowed}`;
  return z.int(words).min(1, words).max(allowed, words).default(usual);
};
const schema = z.strictObject({
  name: z.string('a name').trim().min(1, 'a name').max(200, 'a name of at most 200 characters'),
  companyPrefixes: z
    .array(z.string('6 to 12 digits in quotes').regex(/^\d{6,12}$/, '6 to 12 digits in quotes'))
    .max(100)
    .default([]),
  layout: z.record(z.string().regex(/^[A-Z][A-Z0-9_/]{2,29}$/, 'segments, such as E1EDL20'), segment).default({}),
  webhook: z.url('an address, such as https://erp.example/hooks/isotherm').max(2_000).nullable().default(null),
  // For one that writes its stock every few minutes.
  quota: z.strictObject({ filesPerDay: most(20_000, 1_000_000), bytesPerDay: most(1024 ** 3, 1024 ** 4) }).prefault({}),
  in: z
    .array(
      z.strictObject({
        id,
        form: z
          .enum(FILE_FORMS, `one of ${FILE_FORMS.join(', ')}`)
          .nullable()
          .default(null),
        when: expression.nullable().default(null),
        makes: expression,
      }),
    )
    .max(MOST_MAPPINGS)
    .default([]),
  out: z
    .array(
      z.strictObject({
        id,
        tells: z.enum(['receipts', 'decisions'], 'receipts or decisions'),
        to: z.enum(['webhook', 'folder'], 'webhook or folder').default('webhook'),
        as: z.enum(['json', 'csv'], 'json or csv').default('json'),
        makes: expression.nullable().default(null),
      }),
    )
    .max(MOST_MAPPINGS)
    .default([]),
});
const KEYS =
  'name, companyPrefixes, layout, webhook, quota (filesPerDay, bytesPerDay), in (id, form, when, makes), out (id, tells, to, as, makes)';

/**
 * Reads a mapping file.
 * @param name of the file, for messages
 * @throws {InputError} ERP_MAPPING_BAD: line, what was given, what is allowed
 */
export function parseSystemFile(text: string, name: string): SystemFile {
  const file = new YamlFile(text, name, BAD);
  const read = schema.safeParse(file.value);
  if (!read.success) {
    file.reportIssues(read.error.issues, [], KEYS);
    file.throwIfBad();
    throw new InputError(BAD, `${name}:1: given is no mapping file; allowed: ${KEYS}`);
  }
  for (const side of ['in', 'out'] as const) {
    const ids = read.data[side].map((one) => one.id);
    for (const [index, one] of ids.entries()) {
      if (ids.indexOf(one) < index) file.report([side, index, 'id'], 'each id once');
    }
  }
  if (read.data.out.some(({ to }) => to === 'webhook') && read.data.webhook === null)
    file.report(['webhook'], 'an address, where out tells something by webhook');
  file.throwIfBad();
  return read.data;
}
