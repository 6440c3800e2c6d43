import { parentPort } from 'node:worker_threads';
import jsonata from 'jsonata';
import { type ExpressionLimits, expressionFault } from './expression.ts';
import { instantOf } from './instant.ts';

/** What the worker is asked: one input through one expression. */
export interface ExpressionTask {
  readonly expression: string;
  /** UTF-8, parsed where it is JSON; or what was read already. */
  readonly input: { readonly text: string } | { readonly value: unknown };
  /** `$topic` and their kin. */
  readonly bindings: Readonly<Record<string, unknown>>;
  readonly limits: ExpressionLimits;
  readonly mostAnswer: number;
}

/** JSON of what the expression gave, or why it gave nothing. */
export type ExpressionAnswer = { readonly json: string } | { readonly fault: string };
export type WorkerMessage = ExpressionAnswer | { readonly isReady: true };

const expressions = new Map<string, jsonata.Expression>();

async function answer({ expression, input, bindings, limits, mostAnswer }: ExpressionTask): Promise<ExpressionAnswer> {
  try {
    const compiled = expressions.get(expression) ?? compile(expression, limits);
    expressions.set(expression, compiled);
    const given: unknown = await compiled.evaluate('text' in input ? messageIn(input.text) : input.value, bindings);
    const json: string | undefined = JSON.stringify(given ?? []);
    if (json === undefined) return { fault: 'gives no value but a function' };
    return json.length > mostAnswer ? { fault: `gives more than ${mostAnswer / 1024 / 1024} MiB` } : { json };
  } catch (cause) {
    return { fault: expressionFault(cause) };
  }
}

function compile(expression: string, limits: ExpressionLimits): jsonata.Expression {
  const compiled = jsonata(expression, limits);
  compiled.registerFunction('instant', instantOf);
  return compiled;
}

/** What is no JSON is text: an expression may split it. */
function messageIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

parentPort?.on('message', (task: ExpressionTask) => {
  answer(task).then(
    (made) => parentPort?.postMessage(made),
    (cause: unknown) => parentPort?.postMessage({ fault: expressionFault(cause) }),
  );
});
parentPort?.postMessage({ isReady: true } satisfies WorkerMessage);
