import { existsSync, statfsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { GatewayConfig } from './config.ts';
import type { Diagnosis } from './doctor.ts';
import { SPOOL_FILE, Spool } from './spool.ts';

/** The file itself may grow to twice the size that is set. */
const GROWTH = 2;

export interface SpoolFinding extends Omit<Diagnosis, 'reader'> {
  /** A gateway that runs holds it. */
  readonly isInUse?: boolean;
}

/** Looks at the spool's directory: whether it takes writes, what waits in it, whether the disk has room for its limit. */
export function diagnoseSpool(config: GatewayConfig): SpoolFinding {
  const { dataDir, spool } = config;
  const file = resolve(dataDir, SPOOL_FILE);
  if (!existsSync(file)) {
    let parent = resolve(dataDir);
    while (!existsSync(parent)) parent = dirname(parent);
    return roomFor(spool.maxBytes, parent, `no spool in ${dataDir} yet; the gateway makes one`);
  }
  if (isHeld(file)) {
    return { verdict: 'good', found: `${dataDir} is in use by a gateway that runs`, advice: null, isInUse: true };
  }
  try {
    const opened = new Spool(dataDir, spool.maxBytes);
    const { pending, state } = opened;
    opened.probe();
    opened.close();
    if (state === 'full') {
      const advice = 'the readers keep their reads meanwhile; let the backlog drain or raise spool.maxBytes';
      return { verdict: 'bad', found: `${pending} batches wait and it is full`, advice };
    }
    return roomFor(spool.maxBytes, resolve(dataDir), `it takes writes; ${pending} batches wait to be sent`);
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    return { verdict: 'bad', found, advice: 'check the disk and who may write there' };
  }
}

function isHeld(file: string): boolean {
  try {
    const database = new DatabaseSync(file, { readOnly: true });
    database.prepare('SELECT count(*) FROM batches').get();
    database.close();
    return false;
  } catch (error) {
    return error instanceof Error && error.message.includes('locked');
  }
}

function roomFor(maxBytes: number, directory: string, found: string): SpoolFinding {
  const { bavail, bsize } = statfsSync(directory);
  const free = bavail * bsize;
  if (free >= maxBytes * GROWTH) return { verdict: 'good', found, advice: null };
  const freeMb = Math.floor(free / 1e6);
  const advice = 'make room or lower spool.maxBytes';
  return {
    verdict: 'warning',
    found: `${found}; the disk has ${freeMb} MB free, it may grow to ${(maxBytes * GROWTH) / 1e6}`,
    advice,
  };
}
