import { type AuditTrail, InputError, type Origination, type SeenFrom, type TimeSource } from '../../domain/index.ts';
import { type Database, effectsOf } from '../../storage/index.ts';
import { caseId } from '../cases/case.ts';
import type { ExcursionCases } from '../cases/excursion-cases.ts';
import type { KeptStep, Steps } from './steps.ts';

export interface AlertVerdictsOptions {
  readonly audit: AuditTrail;
  readonly cases: ExcursionCases;
  readonly database: Database;
  readonly steps: Steps;
  readonly time: TimeSource;
}

/** What people said, with signatures, of the evidence of an alert. */
export interface Judged {
  /** Ids of its open cases: in each of them is judged by itself. */
  readonly cases: readonly string[];
  /** The first one first. */
  readonly verdicts: readonly { readonly case: string; readonly step: KeptStep }[];
}

/** Verdicts of people on an alert: steps of its cases, looked at from the alert. */
export class AlertVerdicts {
  readonly #options: AlertVerdictsOptions;

  constructor(options: AlertVerdictsOptions) {
    this.#options = options;
  }

  /** @param seenFrom cases that are not seen from there are as if they were not there */
  async of(alert: string, seenFrom: SeenFrom): Promise<Judged> {
    const { database, steps } = this.#options;
    const { rows } = await database.query<{ number: number; is_open: boolean; device: string | null }>(
      `SELECT c.number, c.state <> 'closed' AS is_open, a.device
       FROM alerts a JOIN case_alerts m ON m.alert = a.number JOIN cases c ON c.number = m.case_number
       WHERE a.id = $1 AND (m.left_at IS NULL OR a.state = 'retracted')
         AND ($2::text[] IS NULL OR case_seen_from(c.number, c.shipment, c.place, $2::text[])) ORDER BY c.number`,
      [alert, seenFrom],
    );
    const verdicts: { case: string; step: KeptStep }[] = [];
    for (const { number, device } of rows) {
      for (const step of await steps.of({ number })) {
        const { detail } = step;
        if (detail.step === 'excuse' ? detail.alert !== alert : detail.device !== device) continue;
        verdicts.push({ case: caseId(number), step });
      }
    }
    return { cases: rows.filter(({ is_open }) => is_open).map(({ number }) => caseId(number)), verdicts };
  }

  /**
   * The case in which an alert is to be judged; opened by hand where none is open.
   * @param wanted the one that was named
   * @throws {InputError} ALERT_UNKNOWN; CASE_TO_NAME where there are several, or another one was named
   */
  async caseFor(
    alert: string,
    wanted: string | undefined,
    { by, reason, seenFrom }: { readonly by: Origination; readonly reason: string; readonly seenFrom: SeenFrom },
  ): Promise<string> {
    const { cases } = await this.of(alert, seenFrom);
    const [only] = cases;
    if (wanted !== undefined && cases.includes(wanted)) return wanted;
    if (wanted === undefined && cases.length === 1 && only !== undefined) return only;
    if (wanted !== undefined || cases.length > 0) {
      const allowed = cases.length === 0 ? 'none: leave it out' : cases.join(', ');
      throw new InputError('CASE_TO_NAME', `case: given ${wanted ?? 'none'}, allowed: ${allowed}`, {
        errors: [{ path: 'case', message: `one of ${allowed}` }],
      });
    }
    const { audit, database, time } = this.#options;
    return database.transaction(async (client) => {
      const { rows } = await client.query<{ number: number }>('SELECT number FROM alerts WHERE id = $1 FOR UPDATE', [
        alert,
      ]);
      const [row] = rows;
      if (row === undefined) throw new InputError('ALERT_UNKNOWN', `there is no alert ${alert}`, { alert });
      const at = time.now();
      const opening = { name: by.actor.name, reason, at };
      const { number, isNew } = await this.#options.cases.openFor(effectsOf(client), row.number, opening);
      const id = caseId(number);
      await audit.add(effectsOf(client), {
        ...{ ...by, at, subject: `case:${id}`, action: isNew ? 'case.open' : 'case.join', new: { alert }, reason },
      });
      return id;
    });
  }
}
