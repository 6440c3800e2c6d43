import { patroniParts } from '../../storage/testing/patroni.ts';
import { PatroniHome } from '../chaos/patroni-home.ts';
import { type Shape, WORKER } from '../chaos/shape.ts';
import { System } from '../chaos/system.ts';
import type { Kind } from './arguments.ts';

/** What kinds are played to one installation: readings are acknowledged by PostgreSQL in the first, by NATS in the second. */
export const SCENES: readonly (readonly Kind[])[] = [['primary', 'worker', 'frozen-primary', 'frozen'], ['nats']];

export interface Installation {
  readonly system: System;
  /** Null where one PostgreSQL is enough for what is played. */
  readonly patroni: PatroniHome | null;
  readonly workers: readonly string[];
}

const WORKERS = ['worker-1', 'worker-2'];

/** Two brokers with the web, two workers of which one stands by, each on a machine of its own. @throws {Error} a program is not installed */
export function installationFor(kinds: readonly Kind[]): Installation {
  const isReplaced = kinds.includes('primary') || kinds.includes('frozen-primary');
  const parts = isReplaced ? patroniParts() : null;
  if (isReplaced && parts === null) throw new Error('a primary that is replaced needs Patroni, etcd and pg_basebackup');
  const [first = '', second = ''] = WORKERS;
  const shape: Shape = {
    name: 'failover',
    parts: {
      ...{ 'door-1': 'broker,web', 'door-2': 'broker,web' },
      ...{ [first]: `${WORKER},storage`, [second]: WORKER },
    },
    doors: ['door-1', 'door-2'],
    workers: [WORKERS],
    postgres: parts === null ? ['postgres'] : ['db-a', 'db-b'],
    nats: kinds.includes('nats') ? ['nats-1', 'nats-2', 'nats-3'] : [],
    ...{ shares: 1, hasRedis: false, hasGateway: false, hasOwnMachines: true, deck: [] },
  };
  const patroni = parts === null ? null : new PatroniHome(parts);
  return { system: new System(shape, patroni ?? undefined), patroni, workers: WORKERS };
}
