import { type Decode, type DialectMessage, dialectOf } from '../index.ts';

/** A message in words: `device metric value time` of what is taken, `REASON field` of what is not. */
export interface Said {
  readonly taken: string[];
  readonly refused: string[];
  readonly asked: string[];
}

/** Reads messages of one topic after another, as an intake does: what a session remembers is remembered. */
export function listener(): (topic: string, payload: unknown, more?: Partial<DialectMessage>) => Said {
  const sessions = new Map<string, Decode>();
  return (topic, payload, more = {}) => {
    const known = dialectOf(topic);
    if (known === null) throw new Error(`nobody decodes ${topic}`);
    const { dialect, source } = known;
    const decode = sessions.get(dialect.name) ?? dialect.session?.() ?? dialect.decode;
    sessions.set(dialect.name, decode);
    const bytes = payload instanceof Uint8Array ? payload : Buffer.from(text(payload));
    const { readings, refused, replies = [] } = decode({ topic, source, payload: bytes, ...more });
    return {
      taken: readings.map(({ device, metric, value, time }) =>
        [device, metric, value, ...(time === null ? [] : [new Date(time).toISOString()])].join(' '),
      ),
      refused: refused.map(({ reason, field }) => `${reason} ${field}`.trimEnd()),
      asked: replies.map((reply) => reply.topic),
    };
  };
}

/** One message, with nothing before it. */
export function said(topic: string, payload: unknown): Omit<Said, 'asked'> {
  const { taken, refused } = listener()(topic, payload);
  return { taken, refused };
}

function text(payload: unknown): string {
  return typeof payload === 'string' ? payload : JSON.stringify(payload);
}
