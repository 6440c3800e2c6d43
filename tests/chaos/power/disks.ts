import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Shape } from '../shape.ts';
import { Disk } from './disk.ts';
import { buildLibrary } from './library.ts';

/**
 * Disks that can lose power, by who writes to them: each server of PostgreSQL, the gateway, and `servers`, which are the other processes.
 * None where there is no compiler.
 */
export function disksOf({ postgres }: Shape, dataDir: string): ReadonlyMap<string, Disk> {
  const library = buildLibrary(dataDir);
  if (library === null) return new Map();
  const roots = [
    ...postgres.map((name) => [name, postgres.length > 1 ? join('postgres', name) : 'database'] as const),
    ...([
      ['gateway', 'spool'],
      ['servers', ''],
    ] as const),
  ];
  mkdirSync(join(dataDir, 'power'));
  return new Map(
    roots.map(([name, folder]) => {
      const place = { root: join(dataDir, folder), store: join(dataDir, 'power', name) };
      return [name, new Disk({ ...place, library })];
    }),
  );
}
