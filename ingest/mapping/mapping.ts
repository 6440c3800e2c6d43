import { parseDocument } from 'yaml';
import { z } from 'zod';
import { checkExpression } from '../../codecs/mapping/index.ts';
import { dialectNamed } from '../../codecs/payloads/index.ts';
import { DEVICE_ID, dialectTopicParts, InputError, isOurs, nativeTopic } from '../../domain/index.ts';

/** What makes readings of messages that no dialect reads: written by a person, in a file. */
export interface Mapping {
  /** As in `isotherm/v1/dialects/{id}/{source}` and `/api/v1/webhooks/{id}`. */
  readonly id: string;
  /** `acme/{source}/telemetry`; `+` is any level, `{source}` the one that names who signs in. */
  readonly topics: readonly string[];
  /** JSONata over the message; gives objects in Isotherm's own form, each with a `device` where it is not the source. */
  readonly readings: string;
}

const MOST_MAPPINGS = 64;
const SOURCE = '{source}';

const level = /^(?:\+|\{source\}|[^+#{}/]+)$/;
const topic = z.string().refine((text) => {
  const levels = text.split('/');
  return !isOurs(text) && levels.every((one) => level.test(one)) && levels.filter((one) => one === SOURCE).length === 1;
}, 'levels, one of them {source}, any of them +; not below isotherm/');
const mappings = z.strictObject({
  mappings: z
    .array(
      z.strictObject({
        id: z
          .string()
          .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, '[a-z0-9-]{1,32}')
          .refine((id) => id !== 'isotherm' && dialectNamed(id) === undefined, 'an id that is no dialect'),
        topics: z.array(topic).max(16).default([]),
        readings: z.string().min(1).max(10_000),
      }),
    )
    .max(MOST_MAPPINGS),
});

/** The MQTT topic filters of what mappings read. */
export function filtersOf(mappings: readonly Mapping[]): readonly string[] {
  return mappings.flatMap(({ topics }) => topics.map((one) => one.replace(SOURCE, '+')));
}

/**
 * @param name of the file, for messages
 * @throws {InputError} MAPPING_FILE_BAD one line: where, what is allowed
 */
export function parseMappings(text: string, name: string): readonly Mapping[] {
  const document = parseDocument(text);
  const [broken] = document.errors;
  if (broken !== undefined) throw bad(`${name}: ${broken.message.split('\n')[0]}`);
  const parsed = mappings.safeParse(document.toJS());
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw bad(`${name}: ${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'not as expected'}`);
  }
  const ids = new Set<string>();
  for (const { id, readings } of parsed.data.mappings) {
    if (ids.has(id)) throw bad(`${name}: ${id}: is there twice`);
    ids.add(id);
    try {
      checkExpression(readings);
    } catch (cause) {
      if (!(cause instanceof InputError)) throw cause;
      throw bad(`${name}: ${id}.readings: ${cause.message}`);
    }
  }
  return parsed.data.mappings;
}

function bad(message: string): InputError {
  return new InputError('MAPPING_FILE_BAD', message);
}

/** The mapping whose topic this is, and its source; null where it is none's. */
export function mappingOf(
  all: readonly Mapping[],
  published: string,
): { readonly mapping: Mapping; readonly source: string } | null {
  const parts = dialectTopicParts(published);
  if (parts !== null) {
    const mapping = all.find(({ id }) => id === parts.dialect);
    return mapping === undefined || !DEVICE_ID.test(parts.source) ? null : { mapping, source: parts.source };
  }
  if (nativeTopic(published) !== null) return null;
  const levels = published.split('/');
  for (const mapping of all) {
    for (const pattern of mapping.topics) {
      const wanted = pattern.split('/');
      const isIt =
        wanted.length === levels.length && wanted.every((one, i) => one === '+' || one === SOURCE || one === levels[i]);
      const source = levels[wanted.indexOf(SOURCE)] ?? '';
      if (isIt && DEVICE_ID.test(source)) return { mapping, source };
    }
  }
  return null;
}
