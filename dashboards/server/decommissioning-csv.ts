import { CsvError, parse } from 'csv-parse/sync';
import { csvLine, InputError } from '../../domain/index.ts';
import { answersInput, type DecommissioningView } from '../api/index.ts';

/** Columns of the ledger as a file: what a gateway sends to the national system, and what came of it. */
export const LEDGER_COLUMNS = [
  ...['entry', 'number', 'act', 'reverts', 'market', 'gtin', 'serial', 'lot', 'expiry', 'reason', 'clause', 'capacity'],
  ...['place', 'at', 'by', 'note', 'code', 'alert', 'alertId', 'answeredAt', 'kind', 'class'],
];

export function ledgerLine({ pack, send, answer, ...entry }: DecommissioningView): string {
  return csvLine([
    ...[entry.id, entry.number, entry.act, entry.reverts, entry.market, pack.gtin, send.serial, send.lot, send.expiry],
    ...[entry.reason, entry.clause, entry.capacity, entry.place, entry.at, entry.by, entry.note],
    ...[answer?.code ?? null, answer?.alert ?? null, answer?.alertId ?? null, answer?.at ?? null],
    ...[answer?.kind ?? null, answer?.class ?? null],
  ]);
}

const COLUMNS = ['entry', 'code', 'alertId', 'at', 'attempts', 'sentSerial', 'sentLot', 'sentExpiry'] as const;
const NEEDED = ['entry', 'code', 'at'] as const;

/**
 * Reads answers as CSV (RFC 4180): a header with the columns `entry`, `code`, `at` and, as wanted, `alertId`, `attempts`,
 * `sentSerial`, `sentLot`, `sentExpiry`; parted by commas or semicolons.
 *
 * @throws {InputError} BODY_INVALID with the line
 */
export function readAnswersCsv(text: string) {
  const rows = rowsOf(text);
  const answers = rows.map(({ entry, code, at, alertId, attempts, ...row }) => {
    const sent = { serial: filled(row.sentSerial), lot: filled(row.sentLot), expiry: filled(row.sentExpiry) };
    const isSent = Object.values(sent).some((one) => one !== null);
    return {
      ...{ entry, code, at, alertId: filled(alertId), sent: isSent ? sent : null },
      ...(filled(attempts) !== null && { attempts: Number(attempts) }),
    };
  });
  const { success, data, error } = answersInput.safeParse({ answers });
  if (success) return data;
  const errors = error.issues.map(({ path, message }) => {
    const [, index, ...field] = path;
    const where = typeof index === 'number' ? `row ${index + 1}` : 'the file';
    return { path: [where, ...field.map(String)].join(', '), message };
  });
  throw refused(errors);
}

function rowsOf(text: string): readonly Readonly<Partial<Record<(typeof COLUMNS)[number], string>>>[] {
  try {
    return parse(text, {
      ...{ bom: true, delimiter: [',', ';'], skip_empty_lines: true, trim: true },
      columns: (header: string[]) => columnsOf(header),
    });
  } catch (error) {
    if (error instanceof CsvError)
      throw refused([{ path: `line ${String(error.lines ?? '?')}`, message: error.message }]);
    throw error;
  }
}

/** Others are passed over: the file that was given out comes back with its own columns. */
function columnsOf(header: readonly string[]): (string | false)[] {
  const lacks = NEEDED.filter((column) => !header.includes(column));
  if (lacks.length > 0) throw refused([{ path: 'line 1', message: `expected the columns ${lacks.join(', ')}` }]);
  return header.map((column) => (COLUMNS.some((known) => known === column) ? column : false));
}

function filled(cell: string | undefined): string | null {
  return cell === undefined || cell === '' ? null : cell;
}

function refused(errors: readonly { readonly path: string; readonly message: string }[]): InputError {
  const [first] = errors;
  return new InputError('BODY_INVALID', `${first?.path ?? 'the file'}: ${first?.message ?? 'cannot be read'}`, {
    errors: errors.slice(0, 20),
  });
}
