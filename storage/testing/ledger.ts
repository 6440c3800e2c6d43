import { silentLogger, systemTime } from '../../domain/index.ts';
import type { Database } from '../database.ts';
import { LedgerSequencer, type SigningKey } from '../ledger/index.ts';

/** What gives leaves their places, signing with a key of the test's. */
export function sequencerOf(database: Database, key: SigningKey): LedgerSequencer {
  return new LedgerSequencer({ database, time: systemTime, logger: silentLogger, key: async () => key });
}
