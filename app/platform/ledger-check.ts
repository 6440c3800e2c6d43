import { ConflictError, silentLogger } from '../../domain/index.ts';
import { type LedgerVerdict, verifyLedger } from '../../storage/index.ts';
import type { Config } from '../config/index.ts';
import { ledgerHead } from '../ledger-head.ts';
import { ledgerKeys } from '../ledger-key.ts';
import type { Storage } from './storage.ts';
import { type Surroundings, tools } from './surroundings.ts';

const FIRST_AFTER_MS = 5 * 60_000;
const EVERY_MS = 24 * 3_600_000;
/** As /readyz names it; an alert of the highest severity within a minute. */
const PART = 'ledger-check';

/** Whether the ledger, and what is under it, is what was signed. */
export async function checkLedger(config: Config, database: Storage['database']): Promise<LedgerVerdict> {
  const { signing, former } = await ledgerKeys(config);
  // Before the rows: what was signed by then has to be in them.
  const kept = await ledgerHead(config, silentLogger).read();
  return verifyLedger({ database, keys: [signing.verifier, ...former], kept });
}

/**
 * Verifies the ledger five minutes after the start and every night. What does not fit is logged, counted, and stands in
 * /readyz until it fits.
 */
export function watchLedger(surroundings: Surroundings, { database }: Pick<Storage, 'database'>): void {
  const { config, parts, lifetime, time, troubles } = surroundings;
  if (!parts.has('storage')) return;
  const { logger, meter } = tools(surroundings, 'storage');
  const count = meter.gauge({
    name: 'isotherm_ledger_faults',
    help: 'What of the ledger or under it was not as it was signed when it was last verified (isotherm ledger verify says what)',
  });
  let running: Promise<void> | null = null;
  const check = async () => {
    const { faults } = await checkLedger(config, database);
    count.set(faults.length);
    const [first] = faults;
    if (first === undefined) return troubles.passed(PART);
    const text = `${faults.length} things are not what was signed; ${first.what}: ${first.fault}`;
    troubles.failed(PART, new ConflictError('LEDGER_CHANGED', text), time.now());
    for (const { what, fault } of faults.slice(0, 20)) {
      logger.error({ what, fault }, 'the ledger, or a record under it, is not what was signed');
    }
  };
  const run = () => {
    running ??= check()
      .catch((error) => logger.warn({ error }, 'the ledger could not be verified; it is tried again the next night'))
      .finally(() => {
        running = null;
      });
  };
  const timers = [
    time.after('first verification of the ledger', FIRST_AFTER_MS, run),
    time.every('verification of the ledger', EVERY_MS, run),
  ];
  lifetime.started(async () => {
    for (const timer of timers) timer.cancel();
    await running;
  });
}
