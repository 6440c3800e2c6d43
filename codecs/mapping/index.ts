/**
 * JSONata of people, run in a thread that can be ended. What an expression is asked and what its answer is good for, its
 * callers say.
 */
export { checkExpression } from './check-expression.ts';
export { EXPRESSION_LIMITS, type ExpressionLimits, expressionFault } from './expression.ts';
export { type Asked, ExpressionThread, type ExpressionThreadOptions } from './expression-thread.ts';
export type { ExpressionAnswer } from './worker.ts';
