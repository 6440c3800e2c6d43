import { lookup } from 'node:dns';
import { writeFile } from 'node:fs/promises';
import { givenRecord } from '../../dashboards/index.ts';
import { Outgoing, systemTime } from '../../domain/index.ts';
import { PostgresAuditTrail } from '../../storage/index.ts';
import { withDatabase } from '../administration.ts';
import { commandOrigination } from '../command-actor.ts';
import { installationKey } from '../installation-key.ts';
import { ledgerKeys } from '../ledger-key.ts';
import { ledgerIssuer } from '../ledger-placing.ts';
import { configFor, readOptions, usageError } from './options.ts';

const USAGE =
  'records --gtin GTIN --serial SERIAL | --gtin GTIN --lot LOT | --shipment ID | --from TIME --to TIME [--format json|jws|epcis|pdf] [--out FILE] [--config FILE]';

/**
 * `isotherm records`: transaction information and statement (21 U.S.C. 360eee(26), (27)) of a serial, a lot, a shipment or a
 * period, on stdout or into a file, whether a server runs or not.
 */
export async function run(argv: readonly string[]): Promise<number> {
  const text = { type: 'string' } as const;
  const { values, positionals } = readOptions(argv, {
    ...{ gtin: text, serial: text, lot: text, shipment: text, from: text, to: text },
    ...{ format: text, out: text },
  });
  const { config: file, format = 'json', out, ...asked } = values;
  if (positionals.length > 0 || Object.keys(asked).length === 0) throw usageError(USAGE);
  const config = configFor(file);
  const key = await installationKey(config);
  const record = await withDatabase(config, (database) =>
    givenRecord(
      {
        ...{ audit: new PostgresAuditTrail({ database }), database, key, time: systemTime },
        ledger: ledgerIssuer(config, database),
        outgoing: new Outgoing({ allow: config.outgoing.allow, lookup }),
        signingKey: async () => (await ledgerKeys(config)).signing,
      },
      { asked, format, by: commandOrigination() },
    ),
  );
  if (out === undefined) process.stdout.write(record);
  else await writeFile(out, record);
  return 0;
}
