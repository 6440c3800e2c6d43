import { Environment } from '@marcbachmann/cel-js';
import { type DeviceContext, InputError } from '../domain/index.ts';

/** Decides from a device's context whether a rule judges it. */
export type AppliesTo = (context: DeviceContext) => boolean;

const VARIABLES = ['profile', 'product', 'lane', 'site'] as const;

/**
 * Compiles the CEL of `appliesTo` over `profile`, `product`, `lane`, `site` (text, empty where the device has none)
 * and `labels` (text by name). An expression that fails on a device (it asks for a label the device has not) does not
 * apply to it.
 *
 * @throws {InputError} RULE_CEL_BAD if it does not parse, asks for something else, or gives no yes or no
 */
export function compileAppliesTo(expression: string): AppliesTo {
  const environment = newEnvironment();
  const check = environment.check(expression);
  if (!check.valid) throw bad(expression, reasonOf(check.error));
  if (check.type !== 'bool' && check.type !== 'dyn') throw bad(expression, `gives ${check.type}, not true or false`);
  const evaluate = environment.parse(expression);
  return (context) => {
    const variables: Record<string, unknown> = { labels: context.labels ?? {} };
    for (const name of VARIABLES) variables[name] = context[name] ?? '';
    try {
      return evaluate(variables) === true;
    } catch {
      return false;
    }
  };
}

function newEnvironment(): Environment {
  const environment = new Environment({ limits: { maxAstNodes: 1_000, maxDepth: 50 } });
  for (const name of VARIABLES) environment.registerVariable(name, 'string');
  return environment.registerVariable('labels', 'map<string, string>');
}

function reasonOf(error: { message: string; summary?: string } | undefined): string {
  return error?.summary ?? error?.message.split('\n')[0] ?? 'not understood';
}

function bad(expression: string, reason: string): InputError {
  return new InputError('RULE_CEL_BAD', reason, { expression });
}
