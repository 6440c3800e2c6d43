import type pg from 'pg';
import { DefectError, type Effects } from '../domain/index.ts';

/** A consumer's transaction as the rooms carry it around. The brand exists only in the type, hence the one cast. */
class Transaction {
  readonly client: pg.ClientBase;

  constructor(client: pg.ClientBase) {
    this.client = client;
  }
}

/** Hands an open transaction to code that must not know what carries it. */
export function effectsOf(client: pg.ClientBase): Effects {
  const transaction: unknown = new Transaction(client);
  return transaction as Effects;
}

/** The connection whose transaction these effects belong to. @throws {DefectError} EFFECTS_FOREIGN */
export function clientOf(effects: Effects): pg.ClientBase {
  const transaction: unknown = effects;
  if (transaction instanceof Transaction) return transaction.client;
  throw new DefectError('EFFECTS_FOREIGN', 'these effects were not opened by storage');
}
