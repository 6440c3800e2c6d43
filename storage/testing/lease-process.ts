import { silentLogger, systemTime } from '../../domain/index.ts';
import { openDatabase } from '../database.ts';
import { effectsOf } from '../effects.ts';
import { PostgresOwnership } from '../ownership.ts';

/*
 * A process that owns a thing, for tests that stop and kill it: `node lease-process.ts URL NAME LEASE_MS`. It says each
 * epoch it has, writes a line into `effects` as its owner again and again, and says `refused` where it may not.
 */
const [url = '', name = '', leaseMs = '6000'] = process.argv.slice(2);
const database = await openDatabase({ url, logger: silentLogger, time: systemTime });
const ownership = new PostgresOwnership({ database, time: systemTime, leaseMs: Number(leaseMs) });
const forGood = new AbortController().signal;
// Timers of the time source keep no process alive.
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));

process.stdout.write('looks\n');
for (;;) {
  try {
    const owned = await ownership.own(name, forGood);
    process.stdout.write(`epoch ${owned.epoch}\n`);
    while (!owned.lost.aborted) {
      await database.transaction(async (client) => {
        await client.query('INSERT INTO effects (name, epoch) VALUES ($1, $2)', [name, owned.epoch]);
        await systemTime.sleep('work', 20);
        await owned.check(effectsOf(client));
      });
    }
    await owned.release();
    process.stdout.write('lost\n');
  } catch (error) {
    process.stdout.write(`refused ${(error as { code?: string }).code ?? error}\n`);
    await systemTime.sleep('again', 100);
  }
}
