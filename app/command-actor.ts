import { hostname, userInfo } from 'node:os';
import type { Origination } from '../domain/index.ts';

/** Who runs a command, for the audit trail: the account of the operating system. */
export function commandOrigination(): Origination {
  const { username } = userInfo();
  return {
    actor: { id: `command:${username}`, name: username, kind: 'command' },
    origin: { via: 'command', address: hostname() },
  };
}
