import { InputError } from '../../domain/index.ts';
import type { Dialect } from './dialect.ts';
import { parseJson } from './json.ts';
import type { TagEvents } from './tag-event.ts';

/** The dialect of a reader that speaks MQTT itself; its messages come under `isotherm/v1/dialects/{name}/{reader}`. */
export function tagDialect(name: string, decodeTags: (message: unknown) => TagEvents): Dialect {
  return {
    name,
    decode({ payload }) {
      try {
        const { events, refused } = decodeTags(jsonIn(payload));
        return {
          readings: [],
          events,
          refused: refused.map(({ reason, part }) => ({
            ...{ reason: 'SIGHTING_MALFORMED', field: reason.split(':')[0] ?? '', detail: reason, part },
          })),
        };
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        const refused = { reason: 'PAYLOAD_NOT_JSON', field: '', detail: error.message, part: null } as const;
        return { readings: [], events: [], refused: [refused] };
      }
    },
  };
}

/** One JSON text, or one a line, as readers stream them. */
function jsonIn(payload: Uint8Array): unknown {
  const lines = new TextDecoder()
    .decode(payload)
    .split('\n')
    .filter((line) => line.trim() !== '');
  const starts = lines.every((line) => line.startsWith('{') && line.trimEnd().endsWith('}'));
  if (lines.length < 2 || !starts) return parseJson(payload);
  return lines.map((line) => parseJson(Buffer.from(line)));
}
