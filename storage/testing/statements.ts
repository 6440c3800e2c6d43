import { sep } from 'node:path';
import pg from 'pg';

/** A statement of the product as it was sent, with the first values it was sent with. */
export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
  /** The file and line that sent it, from the project's top folder on. */
  readonly from: string;
}

export interface Recording {
  /** Those that came since it was last asked, each once; from then on other tests ask. */
  fresh(): readonly Statement[];
}

const ROOT = new URL('../../', import.meta.url).pathname;
/** What stands between a question and the wire. */
const CARRIERS = /^(node_modules\/|node:|storage\/database\.ts|storage\/testing\/statements\.ts)/;
/** Tests ask what they like. */
const TESTS = /\.test\.ts|\/testing\/|^tests\/|^bench\//;
const PLANNED = /^\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b/i;

/**
 * Records what the product asks of PostgreSQL in this process, whichever way: the pool, a connection. The stack
 * tells it from what tests ask themselves; where it is lost, the statement counts as the product's.
 */
export function recordStatements(): Recording {
  const statements = new Map<string, Statement>();
  const ofTests = new Set<string>();
  let told = 0;
  Error.stackTraceLimit = 40;
  for (const prototype of [pg.Pool.prototype, pg.Client.prototype]) {
    const query: (...given: unknown[]) => unknown = prototype.query;
    const recorded = function (this: unknown, ...given: unknown[]) {
      record(statements, ofTests, given);
      return query.apply(this, given);
    };
    Object.defineProperty(prototype, 'query', { value: recorded, configurable: true, writable: true });
  }
  return {
    fresh() {
      const fresh = [...statements.values()].slice(told);
      told = statements.size;
      ofTests.clear();
      return fresh;
    },
  };
}

function record(statements: Map<string, Statement>, ofTests: Set<string>, [asked, values]: unknown[]): void {
  const config = typeof asked === 'string' ? { text: asked, values } : (asked as { text?: unknown; values?: unknown });
  const { text } = config;
  if (typeof text !== 'string' || !PLANNED.test(text) || statements.has(text)) return;
  const frames = framesOf(new Error('where from').stack ?? '');
  const from = frames.find((frame) => !CARRIERS.test(frame));
  // The pool hands on to a connection, from nowhere, what a test has asked it.
  if (from === undefined ? ofTests.has(text) : TESTS.test(from)) {
    ofTests.add(text);
    return;
  }
  statements.set(text, { text, values: Array.isArray(config.values) ? config.values : [], from: from ?? 'unknown' });
}

function framesOf(stack: string): string[] {
  return stack
    .split('\n')
    .flatMap((line) => /(?:file:\/\/)?([^\s(]+:\d+):\d+\)?$/.exec(line)?.[1] ?? [])
    .map((place) => (place.startsWith(ROOT) ? place.slice(ROOT.length) : place))
    .map((place) => place.split(sep).join('/'));
}
