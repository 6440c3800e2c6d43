import { silentLogger, systemTime } from '../domain/index.ts';
import { type Database, LedgerIssuer, LedgerSequencer } from '../storage/index.ts';
import type { Config } from './config/index.ts';
import { ledgerHead } from './ledger-head.ts';
import { ledgerKeys } from './ledger-key.ts';

/**
 * Gives leaves of the ledger their places from a command, whether a server runs or not. Of a ledger that the key in this
 * data directory has not signed, it leaves that to its server: a command that is run elsewhere signs nothing.
 * @returns how many
 */
export async function placeLeaves(config: Config, database: Database): Promise<number> {
  const { signing, former } = await ledgerKeys(config);
  const { rows } = await database.query<{ content: string }>(
    `SELECT content FROM ledger_leaves WHERE kind = 'ledger-key' ORDER BY index DESC LIMIT 1`,
  );
  const [recorded] = rows;
  const own = [signing.verifier, ...former].map(String);
  if (recorded !== undefined && !own.includes(verifierIn(recorded.content))) return 0;
  const key = async () => (await ledgerKeys(config)).signing;
  const head = ledgerHead(config, silentLogger);
  return new LedgerSequencer({ database, time: systemTime, logger: silentLogger, key, head }).placeAll();
}

/** What proves what a command gives out. */
export function ledgerIssuer(config: Config, database: Database): LedgerIssuer {
  return new LedgerIssuer({ database, time: systemTime, place: () => placeLeaves(config, database) });
}

function verifierIn(content: string): string {
  return (JSON.parse(content) as { content: { verifier: string } }).content.verifier;
}
