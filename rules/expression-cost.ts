import type { ASTNode } from '@marcbachmann/cel-js';

/** What a device's context may hold at most, as it is registered: labels, and characters of a text. */
const MOST_LABELS = 100;
const MOST_TEXT = 256;
/** Steps that an expression may take on any device: some 10 ms of the thread where all labels are as long as may be. */
export const MOST_STEPS = 1_000_000;

/** What evaluating an expression takes at most, and how long a text or list it gives. */
interface Cost {
  readonly steps: number;
  /** Characters, or entries. */
  readonly size: number;
}

const COMPREHENSIONS: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'existsOne', 'map', 'filter']);

/**
 * The steps that a CEL expression takes at most, counted before it ever runs: comprehensions multiply what is in them by
 * the length of what they go through, `matches` takes text times pattern, `+` makes texts longer. A rule runs in the
 * thread that everything else runs in.
 */
export function mostSteps(ast: ASTNode): number {
  return costOf(ast, new Map()).steps;
}

function costOf(node: ASTNode, bound: ReadonlyMap<string, number>): Cost {
  switch (node.op) {
    case 'value':
      return { steps: 1, size: typeof node.args === 'string' ? node.args.length : 1 };
    case 'id':
      return { steps: 1, size: bound.get(node.args) ?? (node.args === 'labels' ? MOST_LABELS : MOST_TEXT) };
    case 'call':
      return callCost(null, node.args[0], node.args[1], bound);
    case 'rcall':
      return callCost(node.args[1], node.args[0], node.args[2], bound);
    case 'list': {
      const each = node.args.map((entry) => costOf(entry, bound));
      return { steps: 1 + sum(each), size: Math.max(each.length, MOST_TEXT, ...each.map(({ size }) => size)) };
    }
    case '+': {
      const [left, right] = [costOf(node.args[0], bound), costOf(node.args[1], bound)];
      const size = left.size + right.size;
      return { steps: left.steps + right.steps + size, size };
    }
    default: {
      const each = partsOf(node.args).map((part) => costOf(part, bound));
      const size = Math.max(1, ...each.map((part) => part.size));
      // Comparing texts, and looking for an entry, goes through them.
      return { steps: 1 + sum(each) + size, size };
    }
  }
}

function callCost(
  receiver: ASTNode | null,
  name: string,
  args: readonly ASTNode[],
  bound: ReadonlyMap<string, number>,
): Cost {
  const on = receiver === null ? { steps: 0, size: 1 } : costOf(receiver, bound);
  const [variable, ...bodies] = args;
  if (receiver !== null && COMPREHENSIONS.has(name) && variable?.op === 'id') {
    const count = receiver.op === 'list' ? receiver.args.length : on.size;
    const inner = new Map(bound).set(variable.args, Math.max(on.size, MOST_TEXT));
    const each = bodies.map((body) => costOf(body, inner));
    const size = name === 'map' ? Math.max(count, ...each.map((part) => part.size)) : Math.max(count, on.size);
    return { steps: on.steps + count * (1 + sum(each)), size };
  }
  if (receiver?.op === 'id' && receiver.args === 'cel' && name === 'bind' && variable?.op === 'id') {
    const [value, body] = bodies;
    const given = value === undefined ? { steps: 0, size: 1 } : costOf(value, bound);
    const whole = body === undefined ? given : costOf(body, new Map(bound).set(variable.args, given.size));
    return { steps: given.steps + whole.steps, size: whole.size };
  }
  const each = args.map((arg) => costOf(arg, bound));
  const sizes = each.map((part) => part.size);
  if (name === 'matches') return { steps: on.steps + sum(each) + on.size * Math.max(1, ...sizes), size: 1 };
  // A join or a replacement may put one into each place of the other.
  const size = on.size * Math.max(1, ...(name === 'join' || name === 'replace' ? sizes : [1]));
  return { steps: 1 + on.steps + sum(each) + size, size };
}

/** The nodes among a node's operands, however they are put together. */
function partsOf(args: unknown): ASTNode[] {
  if (isNode(args)) return [args];
  return Array.isArray(args) ? args.flatMap(partsOf) : [];
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value;
}

function sum(parts: readonly Cost[]): number {
  return parts.reduce((steps, part) => steps + part.steps, 0);
}
