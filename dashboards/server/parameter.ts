import type { Request } from 'express';
import { DefectError } from '../../domain/index.ts';

/** A parameter of the route's path, decoded. */
export function parameter(request: Request, name: string): string {
  const value = request.params[name];
  if (typeof value !== 'string') throw new DefectError('PARAMETER_ABSENT', `the route has no :${name}`);
  return value;
}
