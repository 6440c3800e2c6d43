import jsonata from 'jsonata';
import { InputError } from '../../domain/index.ts';
import { EXPRESSION_LIMITS, expressionFault } from './expression.ts';

/** @throws {InputError} EXPRESSION_INVALID where it is no JSONata */
export function checkExpression(expression: string): void {
  try {
    jsonata(expression, EXPRESSION_LIMITS);
  } catch (cause) {
    throw new InputError('EXPRESSION_INVALID', expressionFault(cause), {}, cause);
  }
}
