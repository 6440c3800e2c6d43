import { InputError } from '../../domain/index.ts';
import type { Identity } from './identity.ts';
import type { Received } from './received.ts';

/**
 * A screen is nobody: who settles at it says who he is, and is named with it. Everybody else is named by how he came in.
 * @throws {InputError} PERSON_MISSING, PERSON_NOT_TAKEN
 */
export function inNameOf({ door, name }: Identity, person: string | undefined, received: Received): Received {
  if (door === null) {
    if (person === undefined) return received;
    throw new InputError(
      'PERSON_NOT_TAKEN',
      `person: only the screen of a door says who acts; this is done by ${name}`,
    );
  }
  if (person === undefined)
    throw new InputError('PERSON_MISSING', 'person: expected the name of who acts at this screen');
  return { ...received, source: `${person} (${name})` };
}
