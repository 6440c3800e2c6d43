import { createInterface } from 'node:readline';
import { silentLogger, silentMeter, systemTime } from '../../domain/index.ts';
import { Archive } from '../archive/index.ts';
import { AuditSequencer } from '../audit/index.ts';
import { openDatabase } from '../database.ts';
import { SigningKey } from '../ledger/index.ts';
import { PostgresOwnership } from '../ownership.ts';
import { readyWeeks, WeekPacker } from '../packed/index.ts';
import { PartitionManager } from '../readings/partitions.ts';
import { Rollups } from '../readings/rollups.ts';
import { ReadingsUpkeep } from '../readings/upkeep.ts';
import { Deletions, Retention, Sweeper } from '../retention/index.ts';
import { SoleOwner } from '../sole-owner.ts';
import { sequencerOf } from './ledger.ts';

/*
 * What `serve --only storage` does to the database, again and again without a rest, for tests that stop and kill it:
 * `node upkeep-process.ts URL KEY LEASE_MS RETENTION_MS`. Says `block` for each part of a week that it has made and waits
 * for a line then, the outcome of each week, what it has deleted, and what failed. Who stands still loses its turn after LEASE_MS.
 */
const [url = '', key = '', leaseMs = '', retentionMs = ''] = process.argv.slice(2);
const database = await openDatabase({ url, logger: silentLogger, time: systemTime, maxConnections: 8 });
const kit = { database, time: systemTime, logger: silentLogger, meter: silentMeter };
const partitions = new PartitionManager({ database });
const ownership = new PostgresOwnership({ ...kit, leaseMs: Number(leaseMs) });
const owner = new SoleOwner({ ownership, name: 'upkeep' });
const deletions = new Deletions({ database, check: (effects) => owner.check(effects) });
const retention = new Retention({
  ...{ ...kit, deletions, owner, archive: new Archive({ database }) },
  sweeper: new Sweeper({ ...kit, partitions, deletions }),
  ...{ readings: { ms: Number(retentionMs), text: 'test' }, originals: null },
  kept: async () => ({ shipments: new Set<string>(), ranges: [] }),
});
const upkeep = new ReadingsUpkeep({ ...kit, partitions, rollups: new Rollups({ database }) });
const packer = new WeekPacker({
  ...{ database, time: systemTime, standsStillMs: Number(leaseMs) },
  atOnce: { readings: 60, stretches: 3 },
});
let goOn = () => {};
// It keeps the process alive, which timers of the time source do not.
createInterface({ input: process.stdin })
  .on('line', () => goOn())
  .on('close', () => process.exit(0));

new AuditSequencer(kit).start();
sequencerOf(database, SigningKey.parse(key)).start();
say('begun');
// One after the other, so that who is stopped between two parts of a week stands still in nothing else but perhaps a sequencer's turn.
for (;;) {
  await attempt(() => upkeep.run());
  await attempt(sweep);
  await attempt(pack);
  await systemTime.sleep('again', 50);
}

async function sweep(): Promise<void> {
  if (!(await owner.isOurs())) return;
  const { readings } = await retention.run();
  if (readings > 0) say(`deleted ${readings}`);
}

async function pack(): Promise<void> {
  partitions.forget();
  for (const week of (await readyWeeks({ database, partitions, now: systemTime.now() })) ?? []) {
    const onBlock = async () => {
      const told = new Promise<void>((resolve) => {
        goOn = resolve;
      });
      say('block');
      await told;
    };
    say(await packer.pack(week, { onBlock }));
  }
}

async function attempt(work: () => Promise<unknown>): Promise<void> {
  await work().catch((error: { code?: string }) => say(`failed ${error.code ?? error}`));
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
