import type { Origination } from '../../domain/index.ts';

/** A person at the page, as the audit trail names them. */
export function by(name: string): Origination {
  return { actor: { id: `user:${name}`, name, kind: 'user' }, origin: { via: 'http', address: null } };
}
