import { csvLine, InputError, type SeenFrom } from '../../../domain/index.ts';
import { type Decisions, findCase } from '../../../quality/index.ts';
import type { Database } from '../../../storage/index.ts';
import { type EpcisQueries, queryDocument, type TraceQueries } from '../../../trace/index.ts';
import type { CaseJudgement } from '../case-judgement.ts';
import type { Identity } from '../identity.ts';
import { notFound } from '../problems.ts';
import { isCaseSeen } from './seen-case.ts';
import { serialsOf } from './shipment-serials.ts';

const MOST_EVENTS = 50_000;

const CASE_COLUMNS = [
  ...['epc', 'gtin', 'serial', 'lot', 'expiry', 'unit', 'group', 'from', 'to', 'min_c', 'max_c', 'mkt_c'],
  ...['minutes_above', 'minutes_below', 'minutes_unknown', 'minutes_suspect', 'proposal', 'proposal_certain'],
  ...['decision', 'disposition', 'in_force_since', 'reason', 'signed_by'],
];

/** What reports say, for spreadsheets and for partners' systems. Times RFC 3339 UTC, temperatures °C, in no language. */
export class ReportTables {
  readonly #database: Database;
  readonly #decisions: Decisions;
  readonly #events: EpcisQueries;
  readonly #judgement: CaseJudgement;

  constructor(options: {
    readonly database: Database;
    readonly decisions: Decisions;
    readonly events: EpcisQueries;
    readonly judgement: CaseJudgement;
  }) {
    this.#database = options.database;
    this.#decisions = options.decisions;
    this.#events = options.events;
    this.#judgement = options.judgement;
  }

  /** A line a serial, by EPC. @throws {InputError} CASE_UNKNOWN */
  async caseCsv(id: string, { identity, seenFrom }: { identity: Identity; seenFrom: SeenFrom }): Promise<string> {
    const one = await this.#case(id, seenFrom);
    const { groups, decisions } = await this.#judgement.judge(one, identity);
    const groupOf = await this.#judgement.groupsOf(one);
    const byId = new Map(groups.map((group) => [group.id, group]));
    const lines = [csvLine(CASE_COLUMNS)];
    for (const { epc, gtin, serial, lot, expiry, unit, decision: number } of await this.#serials(one.number)) {
      const group = byId.get(groupOf.get(epc) ?? '');
      const decision = decisions.find((taken) => taken.number === number);
      const { exposure, proposal } = group ?? {};
      lines.push(
        csvLine([
          ...[epc, gtin, serial, lot, expiry, unit, group?.name ?? null, exposure?.from ?? null, exposure?.to ?? null],
          ...[exposure?.min ?? null, exposure?.max ?? null, exposure?.mkt ?? null, exposure?.minutesAbove ?? null],
          ...[exposure?.minutesBelow ?? null, exposure?.minutesUnknown ?? null, exposure?.minutesSuspect ?? null],
          ...[proposal?.disposition ?? null, proposal?.isCertain ?? null, number, decision?.disposition ?? null],
          ...[decision?.inForceSince ?? null, decision?.reason ?? null],
          decision?.signatures.map(({ name }) => name).join('; ') ?? null,
        ]),
      );
    }
    return lines.join('');
  }

  /** @throws {InputError} CASE_UNKNOWN, EPCIS_TOO_MANY */
  async caseEpcis(id: string, seenFrom: SeenFrom): Promise<object> {
    const serials = await this.#serials((await this.#case(id, seenFrom)).number);
    return this.#document(withUnits(serials));
  }

  /** A line a serial, by EPC. @throws {InputError} SHIPMENT_UNKNOWN */
  async shipmentCsv(id: string, trace: TraceQueries): Promise<string> {
    await required(id, trace);
    const serials = await serialsOf(trace, id);
    const alerts = new Map<string, string[]>();
    for (const { epc, alert } of await this.#alertsOn(id)) alerts.set(epc, [...(alerts.get(epc) ?? []), alert]);
    const head = csvLine(['epc', 'gtin', 'serial', 'lot', 'expiry', 'unit', 'alerts']);
    const lines = serials.map((one) =>
      csvLine([one.epc, one.gtin, one.serial, one.lot, one.expiry, one.unit, (alerts.get(one.epc) ?? []).join(' ')]),
    );
    return [head, ...lines].join('');
  }

  /** @throws {InputError} SHIPMENT_UNKNOWN, EPCIS_TOO_MANY */
  async shipmentEpcis(id: string, trace: TraceQueries): Promise<object> {
    await required(id, trace);
    const serials = await serialsOf(trace, id);
    return this.#document(withUnits(serials));
  }

  /** Dated by its newest event: the same events are the same document. */
  async #document(epcs: readonly string[]): Promise<object> {
    const events = await this.#events.about(epcs, MOST_EVENTS);
    return queryDocument(events, {
      now: events.reduce((last, { recordTime }) => Math.max(last, recordTime), 0),
    });
  }

  async #case(id: string, seenFrom: SeenFrom) {
    if (!(await isCaseSeen(this.#decisions, id, seenFrom))) throw notFound('CASE_UNKNOWN', `there is no case ${id}`);
    return findCase(this.#database, id);
  }

  async #serials(caseNo: number): Promise<readonly CaseSerialRow[]> {
    const { rows } = await this.#database.query<CaseSerialRow>(
      'SELECT epc, gtin, serial, lot, expiry, unit, decision FROM case_serials WHERE case_number = $1 ORDER BY epc',
      [caseNo],
    );
    return rows;
  }

  async #alertsOn(shipment: string): Promise<readonly { readonly epc: string; readonly alert: string }[]> {
    const { rows } = await this.#database.query<{ epc: string; alert: string }>(
      `SELECT DISTINCT s.epc, a.id AS alert FROM alerts a JOIN alert_exposures x ON x.alert = a.number
       JOIN alert_serials s ON s.alert = x.alert AND s.part = x.part
       WHERE a.shipments && ARRAY[$1]::text[] AND x.shipment = $1 ORDER BY s.epc, a.id`,
      [shipment],
    );
    return rows;
  }
}

/** What is shipped and received is the unit: such events name nothing that is in it. */
function withUnits(serials: readonly { readonly epc: string; readonly unit: string | null }[]): readonly string[] {
  return [...new Set(serials.flatMap(({ epc, unit }) => (unit === null ? [epc] : [epc, unit])))];
}

interface CaseSerialRow {
  readonly epc: string;
  readonly gtin: string | null;
  readonly serial: string | null;
  readonly lot: string | null;
  readonly expiry: string | null;
  readonly unit: string | null;
  readonly decision: number | null;
}

async function required(id: string, trace: TraceQueries): Promise<void> {
  if ((await trace.shipment(id)) === null) {
    throw new InputError('SHIPMENT_UNKNOWN', `there is no shipment ${id}`, { shipment: id });
  }
}
