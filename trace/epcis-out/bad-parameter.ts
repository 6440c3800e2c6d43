import { InputError } from '../../domain/index.ts';

/** A parameter that no query has, or a value that makes no sense. */
export function badParameter(name: string, given: string, allowed: string): InputError {
  const text = `${name}: "${given.slice(0, 100)}" given; allowed: ${allowed}`;
  return new InputError('EPCIS_PARAMETER', text, { parameter: name });
}
