import { parentPort } from 'node:worker_threads';
import jsonata from 'jsonata';
import { EXPRESSION_LIMITS, expressionFault } from './expression.ts';

/** What the worker is asked: one message through one expression. */
export interface MappingTask {
  readonly expression: string;
  /** UTF-8. */
  readonly text: string;
  readonly topic: string;
  readonly source: string;
  /** Epoch ms UTC. */
  readonly arrival: number;
}

/** JSON of what the expression gave, or why it gave nothing. */
export type MappingAnswer = { readonly json: string } | { readonly fault: string } | { readonly isReady: true };

const MOST_ANSWER = 4 * 1024 * 1024;
const expressions = new Map<string, jsonata.Expression>();

async function answer({ expression, text, topic, source, arrival }: MappingTask): Promise<MappingAnswer> {
  try {
    const compiled = expressions.get(expression) ?? jsonata(expression, EXPRESSION_LIMITS);
    expressions.set(expression, compiled);
    const given: unknown = await compiled.evaluate(messageIn(text), { topic, source, arrival });
    const json: string | undefined = JSON.stringify(given ?? []);
    if (json === undefined) return { fault: 'gives no value but a function' };
    return json.length > MOST_ANSWER ? { fault: 'gives more than 4 MiB' } : { json };
  } catch (cause) {
    return { fault: expressionFault(cause) };
  }
}

/** What is no JSON is text: an expression may split it. */
function messageIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

parentPort?.on('message', (task: MappingTask) => {
  answer(task).then(
    (made) => parentPort?.postMessage(made),
    (cause: unknown) => parentPort?.postMessage({ fault: expressionFault(cause) }),
  );
});
parentPort?.postMessage({ isReady: true } satisfies MappingAnswer);
