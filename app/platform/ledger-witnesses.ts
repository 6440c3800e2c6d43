import { ConflictError } from '../../domain/index.ts';
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

/** Has the own ledger cosigned by the witnesses that are configured. One that fails, or knows another history, stands in /readyz. */
export function askWitnesses(surroundings: Surroundings, { database }: Pick<Storage, 'database'>): void {
  const { config, lifetime, parts, time, troubles } = surroundings;
  const witnesses = config.ledger.witnesses.map(witnessAt).filter((witness) => witness !== null);
  if (!parts.has('storage') || witnesses.length === 0) return;
  const witnessing = new Witnessing({
    ...{ database, time, witnesses },
    onResult: ({ key }, error) => {
      // That it knows another history wakes somebody; that it is away does not.
      const [forked, away] = [`ledger-witness ${key.name}`, `ledger-witness-away ${key.name}`];
      if (error instanceof ConflictError) {
        troubles.passed(away);
        return troubles.failed(forked, error, time.now());
      }
      if (error !== null) return troubles.failed(away, error, time.now());
      troubles.passed(away);
      troubles.passed(forked);
    },
  });
  witnessing.start();
  lifetime.started(() => witnessing.stop());
}
