import { type ASTNode, Environment } from '@marcbachmann/cel-js';
import { type DeviceContext, InputError } from '../domain/index.ts';
import { MOST_STEPS, mostSteps } from './expression-cost.ts';
import { LinearMatches } from './linear-match.ts';

/** Decides from a device's context whether a rule judges it. */
export type AppliesTo = (context: DeviceContext) => boolean;

const VARIABLES = ['profile', 'product', 'lane', 'site'] as const;
/** What `matches` is called once it takes linear time: the library lets nobody put another in its place. */
const LINEAR_MATCHES = 'matchesLinear';

/**
 * Compiles the CEL of `appliesTo` over `profile`, `product`, `lane`, `site` (text, empty where the device has none)
 * and `labels` (text by name). An expression that fails on a device (it asks for a label the device has not) does not
 * apply to it.
 *
 * What it takes to evaluate is bounded before it first runs (docs/decisions/0028): `matches` in linear time, and no more
 * than {@link MOST_STEPS} steps.
 *
 * @throws {InputError} RULE_CEL_BAD if it does not parse, asks for something else, gives no yes or no, or may take too long
 */
export function compileAppliesTo(expression: string): AppliesTo {
  const linear = new LinearMatches();
  const environment = newEnvironment(linear);
  const check = environment.check(expression);
  if (!check.valid) throw bad(expression, reasonOf(check.error));
  if (check.type !== 'bool' && check.type !== 'dyn') throw bad(expression, `gives ${check.type}, not true or false`);
  const { ast } = environment.parse(expression);
  const steps = mostSteps(ast);
  if (steps > MOST_STEPS) {
    const most = steps > 1e12 ? 'more than 1e12' : String(steps);
    throw bad(expression, `takes up to ${most} steps on a device, allowed: ${MOST_STEPS}`);
  }
  const evaluate = environment.parse(withLinearMatches(expression, ast, linear));
  if (matchesIn(evaluate.ast).length > 0) throw bad(expression, 'has a comment beside matches, allowed: none there');
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

/** The expression with each `matches` replaced, from the last on, so that the places of those before stay. */
function withLinearMatches(expression: string, ast: ASTNode, linear: LinearMatches): string {
  const places = matchesIn(ast).map(([, receiver, [pattern]]) => {
    // A pattern that is written out is looked at now, not when the first device comes.
    if (pattern?.op === 'value' && typeof pattern.args === 'string') linear.pattern(pattern.args);
    return expression.indexOf('matches', receiver.end);
  });
  let text = expression;
  for (const place of places.sort((a, b) => b - a)) {
    text = `${text.slice(0, place)}${LINEAR_MATCHES}${text.slice(place + 'matches'.length)}`;
  }
  return text;
}

/** The operands of every `matches`: its name, what it is asked of, its arguments. */
function matchesIn(ast: ASTNode): (readonly [string, ASTNode, ASTNode[]])[] {
  const found: (readonly [string, ASTNode, ASTNode[]])[] = [];
  visit(ast, (node) => {
    if (node.op === 'rcall' && node.args[0] === 'matches') found.push(node.args);
  });
  return found;
}

function visit(node: unknown, see: (node: ASTNode) => void): void {
  if (Array.isArray(node)) for (const each of node) visit(each, see);
  else if (typeof node === 'object' && node !== null && 'op' in node && 'args' in node) {
    see(node as ASTNode);
    visit(node.args, see);
  }
}

function newEnvironment(linear: LinearMatches): Environment {
  const environment = new Environment({ limits: { maxAstNodes: 1_000, maxDepth: 50 } });
  for (const name of VARIABLES) environment.registerVariable(name, 'string');
  environment.registerFunction(`string.${LINEAR_MATCHES}(string): bool`, (text: string, pattern: string) =>
    linear.matches(text, pattern),
  );
  return environment.registerVariable('labels', 'map<string, string>');
}

function reasonOf(error: { message: string; summary?: string } | undefined): string {
  return error?.summary ?? error?.message.split('\n')[0] ?? 'not understood';
}

function bad(expression: string, reason: string): InputError {
  return new InputError('RULE_CEL_BAD', reason, { expression });
}
