import { Witness, Witnessing } from '../../storage/index.ts';
import { verifierKey, witnessAt } from '../config/index.ts';
import { ledgerKeys } from '../ledger-key.ts';
import type { Storage } from './storage.ts';
import type { Surroundings } from './surroundings.ts';

/** What cosigns the ledgers of others; null where none is configured. */
export function witnessOf({ config, time }: Surroundings, { database }: Pick<Storage, 'database'>): Witness | null {
  const logs = config.ledger.cosigns.map(verifierKey).filter((key) => key !== null);
  if (logs.length === 0) return null;
  const key = async () => (await ledgerKeys(config)).signing.asWitness();
  return new Witness({ database, time, logs, key });
}

/** Has the own ledger cosigned by the witnesses that are configured. One that fails stands in /readyz. */
export function askWitnesses(surroundings: Surroundings, { database }: Pick<Storage, 'database'>): void {
  const { config, lifetime, parts, time, troubles } = surroundings;
  const witnesses = config.ledger.witnesses.map(witnessAt).filter((witness) => witness !== null);
  if (!parts.has('storage') || witnesses.length === 0) return;
  const witnessing = new Witnessing({
    ...{ database, time, witnesses },
    onResult: ({ key }, error) => {
      const part = `ledger-witness ${key.name}`;
      if (error === null) troubles.passed(part);
      else troubles.failed(part, error, time.now());
    },
  });
  witnessing.start();
  lifetime.started(() => witnessing.stop());
}
