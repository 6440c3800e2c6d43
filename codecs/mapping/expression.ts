/** An expression's own bounds; the thread it runs in has those that no expression can get around. */
export interface ExpressionLimits {
  readonly stack: number;
  readonly sequence: number;
}

/** For one message of a device. */
export const EXPRESSION_LIMITS: ExpressionLimits = { stack: 500, sequence: 10_000 };

/** What is wrong with an expression, or went wrong in it. */
export function expressionFault(cause: unknown): string {
  if (typeof cause !== 'object' || cause === null) return String(cause);
  const { message = 'it failed', position } = cause as { readonly message?: string; readonly position?: number };
  return `${message}${position === undefined ? '' : ` (at character ${position})`}`.slice(0, 200);
}
