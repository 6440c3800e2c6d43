import { InputError } from '../../domain/index.ts';
import { exportRecords } from '../../storage/index.ts';
import { devicesAroundShipments, TraceQueries } from '../../trace/index.ts';
import { withDatabase } from '../administration.ts';
import { ledgerIssuer } from '../ledger-placing.ts';
import { configFor, readOptions, usageError } from './options.ts';

const USAGE = 'export DIRECTORY [--format csv|parquet] [--from TIME] [--to TIME] [--shipment ID] [--config FILE]';

/** `isotherm export DIRECTORY`: the records as files with a manifest of hashes; what was written as JSON. */
export async function run(argv: readonly string[]): Promise<number> {
  const text = { type: 'string' } as const;
  const { values, positionals } = readOptions(argv, { format: text, from: text, to: text, shipment: text });
  const [directory, ...more] = positionals;
  if (directory === undefined || more.length > 0) throw usageError(USAGE);
  const { format = 'csv', shipment } = values;
  if (format !== 'csv' && format !== 'parquet') {
    throw new InputError('FORMAT_BAD', `--format: given "${format}", allowed: csv, parquet`);
  }
  const from = timeOf('--from', values.from, Number.NEGATIVE_INFINITY);
  const to = timeOf('--to', values.to, Number.POSITIVE_INFINITY);
  if (from >= to) throw new InputError('TIME_BAD', '--to: given a time that is not after --from');
  const config = configFor(values.config);
  const manifest = await withDatabase(config, async (database) => {
    if (shipment !== undefined && (await new TraceQueries({ database }).shipment(shipment)) === null) {
      throw new InputError('SHIPMENT_UNKNOWN', `there is no shipment ${shipment}`);
    }
    return exportRecords({
      ...{ database, directory, format, from, to },
      shipment:
        shipment === undefined ? null : { id: shipment, ranges: await devicesAroundShipments(database, [shipment]) },
      issuer: ledgerIssuer(config, database),
      onProgress: (line) => process.stderr.write(`${line}\n`),
    });
  });
  const { at, files, archive } = manifest;
  const rows = files.reduce((sum, file) => sum + file.rows, 0);
  process.stdout.write(`${JSON.stringify({ directory, at, files: files.length, rows, archive })}\n`);
  return 0;
}

function timeOf(option: string, given: string | undefined, absent: number): number {
  if (given === undefined) return absent;
  const at = /^\d{1,15}$/.test(given)
    ? Number(given)
    : /\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/i.test(given)
      ? Date.parse(given)
      : Number.NaN;
  if (!Number.isNaN(at)) return at;
  throw new InputError('TIME_BAD', `${option}: given "${given}", allowed: RFC 3339 with a zone, or epoch milliseconds`);
}
