import { lookup } from 'node:dns';
import { writeFile } from 'node:fs/promises';
import { givenReadiness } from '../../dashboards/index.ts';
import { Outgoing, systemTime } from '../../domain/index.ts';
import { PostgresAuditTrail } from '../../storage/index.ts';
import { withDatabase } from '../administration.ts';
import { installationKey } from '../installation-key.ts';
import { ledgerKeys } from '../ledger-key.ts';
import { ledgerIssuer } from '../ledger-placing.ts';
import { configFor, readOptions, usageError } from './options.ts';

const USAGE =
  'readiness --market MARKET --shipment ID | --market MARKET --site SITE [--day DAY] [--format json|csv|pdf] [--out FILE] [--config FILE]';

/**
 * `isotherm readiness`: pack by pack, what a market asks for and nobody has told of the goods of a shipment or at a site, with the
 * clause; on stdout or into a file, whether a server runs or not.
 */
export async function run(argv: readonly string[]): Promise<number> {
  const text = { type: 'string' } as const;
  const { values, positionals } = readOptions(argv, {
    ...{ market: text, shipment: text, site: text, day: text, format: text, out: text },
  });
  const { config: file, market, format = 'json', out, ...asked } = values;
  if (positionals.length > 0 || market === undefined) throw usageError(USAGE);
  const config = configFor(file);
  const key = await installationKey(config);
  const given = await withDatabase(config, (database) =>
    givenReadiness(
      {
        ...{ audit: new PostgresAuditTrail({ database }), database, key, time: systemTime },
        ledger: ledgerIssuer(config, database),
        outgoing: new Outgoing({ allow: config.outgoing.allow, lookup }),
        signingKey: async () => (await ledgerKeys(config)).signing,
      },
      { market, asked, format },
    ),
  );
  if (out === undefined) process.stdout.write(given);
  else await writeFile(out, given);
  return 0;
}
