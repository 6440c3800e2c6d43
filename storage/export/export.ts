import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';
import { type DeviceRange, IsothermError, inertTextSql } from '../../domain/index.ts';
import { sha256 } from '../audit/leaf.ts';
import { emptyDirectory, quoted } from '../backup/backup.ts';
import { copyToFile, progressOf, type WrittenFile } from '../backup/table-file.ts';
import type { Database } from '../database.ts';
import type { LedgerIssuer } from '../ledger/index.ts';
import { holdReadings } from '../readings/hold.ts';
import { syncFolder } from '../synced-folder.ts';
import { timestamp } from '../types.ts';
import { datasets, type ExportScope, readingsSelect } from './datasets.ts';
import { readingsToParquet } from './parquet.ts';
import { exportProofs, PROOFS_FILE } from './proofs.ts';
import { collectSuspects, SUSPECTS_SELECT } from './suspects.ts';

export interface ExportOptions {
  readonly database: Database;
  /** Made; must be empty where it is there. */
  readonly directory: string;
  readonly format: 'csv' | 'parquet';
  /** Event times [from, to), epoch ms UTC; ±Infinity for no limit. */
  readonly from: number;
  readonly to: number;
  /** Only what has to do with a shipment, and with the readings around it. */
  readonly shipment: { readonly id: string; readonly ranges: readonly DeviceRange[] } | null;
  readonly onProgress?: (text: string) => void;
  /** Proves what is in it; absent: nothing does. */
  readonly issuer?: LedgerIssuer;
}

/** `export.json`, written last. */
export interface ExportManifest {
  readonly format: 1;
  /** Of the snapshot, RFC 3339. */
  readonly at: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly shipment: string | null;
  readonly files: readonly (WrittenFile & { readonly file: string })[];
  /** Number and hash of the archive's last segment: what was received up to now cannot be changed unnoticed. */
  readonly archive: { readonly segments: number; readonly head: string | null };
}

/** The proof that an export was issued as it is. */
const ISSUED_FILE = 'issued.json';

/** Row of a JSON text: characters that none holds stand for the quote and the delimiter of CSV, which then do nothing. */
const PLAIN = `FORMAT csv, QUOTE e'\\x01', DELIMITER e'\\x02'`;

/**
 * The records for people and other programs, out of one snapshot, while the platform runs: readings, which of them are
 * suspect, shipments, serials,
 * containment, attachments, presence, sightings, passes, findings, alerts, EPCIS events, rules, audit, cases, what was
 * signed. Streamed: a file of
 * any size takes some megabytes of memory, Parquet a row group.
 *
 * @throws {ConflictError} DIRECTORY_NOT_EMPTY
 * @throws {UnavailableError} DIRECTORY_UNUSABLE
 */
export async function exportRecords(options: ExportOptions): Promise<ExportManifest> {
  const { database, directory, format, from, to, shipment, onProgress = () => {}, issuer } = options;
  await emptyDirectory(directory);
  const scope: ExportScope = { from, to, isShipment: shipment !== null, shipment: shipment?.id ?? null };
  const manifest = await database.transaction(async (client): Promise<ExportManifest> => {
    await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ');
    await holdReadings(client);
    const { rows: now } = await client.query<{ at: number }>('SELECT now() AS at');
    if (shipment !== null) await limitTo(client, shipment);
    const files: (WrittenFile & { file: string })[] = [];
    const written = (file: string, result: WrittenFile) => {
      files.push({ file, ...result });
      onProgress(`${file}: ${result.rows} rows`);
    };
    const readings = `readings.${format}`;
    const path = join(directory, readings);
    if (format === 'parquet') {
      const onRows = (rows: number) => onProgress(`${readings}: ${rows} rows so far`);
      written(readings, await readingsToParquet(client, { select: readingsSelect(scope), path, onRows }));
    } else {
      const select = `SELECT device, metric, to_char(time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS time,
        value FROM (${readingsSelect(scope)}) AS readings`;
      const statement = await csvCopy(client, select, ['device']);
      const onBytes = progressOf(readings, onProgress);
      written(readings, await copyToFile(client, { statement, path, isPacked: false, onBytes }));
    }
    await collectSuspects(client, database, { from, to, spans: shipment?.ranges ?? null });
    const suspects = await csvCopy(client, SUSPECTS_SELECT, ['device']);
    const suspectsPath = join(directory, 'suspects.csv');
    written('suspects.csv', await copyToFile(client, { statement: suspects, path: suspectsPath, isPacked: false }));
    for (const { name, form, select } of datasets(scope)) {
      const file = `${name}.${form}`;
      const statement =
        form === 'csv'
          ? await csvCopy(client, select)
          : `COPY (SELECT row_to_json(item) FROM (${select}) AS item) TO STDOUT (${PLAIN})`;
      written(file, await copyToFile(client, { statement, path: join(directory, file), isPacked: false }));
    }
    const limit = (at: number) => (Number.isFinite(at) ? new Date(at).toISOString() : null);
    return {
      ...{ format: 1, at: new Date(now[0]?.at ?? 0).toISOString(), from: limit(from), to: limit(to) },
      ...{ shipment: scope.shipment, files, archive: await archiveHead(client) },
    };
  });
  const proofs = await unlessRefused(onProgress, async () =>
    issuer === undefined ? null : exportProofs(database, { directory, scope, issuer }),
  );
  const files = proofs === null ? manifest.files : [...manifest.files, { file: PROOFS_FILE, ...proofs.written }];
  const written = `${JSON.stringify({ ...manifest, files }, null, 1)}\n`;
  const secured = { mode: 0o600, flush: true } as const;
  const about = shipment === null ? 'export' : `export of shipment:${shipment.id}`;
  const document = { about, bytes: Buffer.byteLength(written), sha256: sha256(written).toString('hex') };
  const issued = await unlessRefused(onProgress, async () =>
    issuer === undefined ? null : issuer.issue('export', document, proofs?.signed ?? null),
  );
  if (issued !== null) await writeFile(join(directory, ISSUED_FILE), issued, secured);
  await writeFile(join(directory, 'export.json'), written, secured);
  await syncFolder(directory);
  return { ...manifest, files };
}

/** A ledger that does not sign at present costs the proofs, not the export: whoever waits is told. */
async function unlessRefused<T>(onProgress: (text: string) => void, work: () => Promise<T | null>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof IsothermError)) throw error;
    onProgress(`not proven by the ledger: ${error.message}`);
    return null;
  }
}

/** OIDs of PostgreSQL's types of text: text, varchar, name. */
const TEXTS = new Set([25, 1043, 19]);

/**
 * COPY of a query as CSV in which no text is a formula to a spreadsheet (domain/csv.ts).
 * @param only columns that hold text from outside; default: all of text
 */
async function csvCopy(client: pg.ClientBase, select: string, only?: readonly string[]): Promise<string> {
  const { fields } = await client.query(`SELECT * FROM (${select}) AS item LIMIT 0`);
  const columns = fields.map(({ name, dataTypeID }) => {
    const column = quoted(name);
    const isForeign = TEXTS.has(dataTypeID) && (only?.includes(name) ?? true);
    return isForeign ? `${inertTextSql(column)} AS ${column}` : column;
  });
  return `COPY (SELECT ${columns.join(', ')} FROM (${select}) AS item) TO STDOUT (FORMAT csv, HEADER)`;
}

/** What belongs to the shipment, as tables of this transaction: its EPCs with what they were in, and its readings. */
async function limitTo(client: pg.ClientBase, { id, ranges }: NonNullable<ExportOptions['shipment']>): Promise<void> {
  await client.query('CREATE TEMP TABLE export_epcs (epc text PRIMARY KEY) ON COMMIT DROP');
  await client.query(
    `INSERT INTO export_epcs
     WITH RECURSIVE around (epc) AS (
       SELECT epc FROM shipment_lines WHERE shipment = $1
       UNION SELECT unit FROM shipment_units WHERE shipment = $1
       UNION SELECT c.parent FROM around JOIN containment c ON c.child = around.epc AND c.holds AND c.parent IS NOT NULL)
     SELECT epc FROM around`,
    [id],
  );
  await client.query(
    'CREATE TEMP TABLE export_ranges (device_id int, since timestamptz, until timestamptz) ON COMMIT DROP',
  );
  await client.query(
    `INSERT INTO export_ranges SELECT id, since, until
     FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[]) AS range (device, since, until)
     JOIN devices ON name = device`,
    [
      ranges.map(({ device }) => device),
      ranges.map(({ from }) => timestamp(from)),
      ranges.map(({ to }) => timestamp(to)),
    ],
  );
  await client.query('ANALYZE export_epcs, export_ranges');
}

async function archiveHead(client: pg.ClientBase): Promise<ExportManifest['archive']> {
  const { rows } = await client.query<{ number: number; sha256: Buffer }>(
    'SELECT number, sha256 FROM archive_segments ORDER BY number DESC LIMIT 1',
  );
  return { segments: rows[0]?.number ?? 0, head: rows[0]?.sha256.toString('hex') ?? null };
}
