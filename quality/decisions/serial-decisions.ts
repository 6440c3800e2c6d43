import type { Disposition, Epc, SeenFrom } from '../../domain/index.ts';
import type { Database } from '../../storage/index.ts';
import { type CaseKind, caseId } from '../cases/case.ts';
import type { SignatureRecord } from '../signatures/index.ts';

/** What people decided of one serial. Times epoch ms UTC. */
export interface SerialDecision {
  readonly case: string;
  readonly number: number;
  readonly disposition: Disposition;
  readonly reason: string;
  readonly decidedAt: number;
  /** Null: a second signer is awaited. */
  readonly inForceAt: number | null;
  /** A later one of the same case is in force on it. */
  readonly isSuperseded: boolean;
  readonly signatures: readonly Pick<SignatureRecord, 'name' | 'role' | 'at' | 'meaning'>[];
}

/** What people decided of goods of a shipment. Times epoch ms UTC. */
export interface ShipmentDecision {
  readonly case: string;
  readonly number: number;
  readonly disposition: Disposition;
  readonly reason: string;
  readonly serials: number;
  readonly decidedAt: number;
  /** Null: a second signer is awaited. */
  readonly inForceAt: number | null;
  /** Who signed, in order. */
  readonly signers: readonly string[];
}

/** The decisions on a serial over its whole life, whichever cases they were made in. */
export class SerialDecisions {
  readonly #database: Database;

  constructor({ database }: { database: Database }) {
    this.#database = database;
  }

  /** The latest first. */
  async of(epc: Epc): Promise<readonly SerialDecision[]> {
    const { rows } = await this.#database.query<{
      case_number: number;
      number: number;
      disposition: Disposition;
      reason: string;
      made_at: number;
      in_force_at: number | null;
      superseded: boolean;
      signatures: readonly string[];
    }>(
      `SELECT d.case_number, d.number, d.disposition, d.reason, d.made_at, d.in_force_at,
         EXISTS (SELECT FROM case_decision_serials l JOIN case_decisions later ON later.case_number = l.case_number AND later.number = l.number
           WHERE l.epc = s.epc AND l.case_number = d.case_number AND l.number > d.number AND later.in_force_at IS NOT NULL) AS superseded,
         ARRAY(SELECT g.signature FROM case_signatures g
           WHERE g.case_number = d.case_number AND g.about = 'decision' AND g.number = d.number ORDER BY g.place) AS signatures
       FROM case_decision_serials s JOIN case_decisions d ON d.case_number = s.case_number AND d.number = s.number
       WHERE s.epc = $1 ORDER BY d.made_at DESC, d.case_number DESC, d.number DESC`,
      [epc],
    );
    return rows.map((row) => ({
      ...{ case: caseId(row.case_number), number: row.number, disposition: row.disposition, reason: row.reason },
      ...{ decidedAt: row.made_at, inForceAt: row.in_force_at, isSuperseded: row.superseded },
      signatures: row.signatures.map((signature) => {
        const { name, role, at, meaning } = JSON.parse(signature) as SignatureRecord;
        return { name, role, at, meaning };
      }),
    }));
  }

  /** Cases that a serial is in, the latest first. @param seenFrom those that are not seen from there are left out */
  async casesOf(epc: Epc, seenFrom: SeenFrom): Promise<readonly { readonly id: string; readonly kind: CaseKind }[]> {
    const { rows } = await this.#database.query<{ number: number; kind: CaseKind }>(
      `SELECT c.number, c.kind FROM case_serials s JOIN cases c ON c.number = s.case_number
       WHERE s.epc = $1 AND ($2::text[] IS NULL OR case_seen_from(c.number, c.shipment, c.place, $2::text[]))
       ORDER BY c.number DESC`,
      [epc, seenFrom],
    );
    return rows.map(({ number, kind }) => ({ id: caseId(number), kind }));
  }

  /** Those of the cases about a shipment, by time. */
  async ofShipment(shipment: string): Promise<readonly ShipmentDecision[]> {
    const { rows } = await this.#database.query<
      Omit<ShipmentDecision, 'case' | 'signers'> & { case_number: number; signatures: readonly string[] }
    >(
      `SELECT d.case_number, d.number, d.disposition, d.reason, d.serials, d.made_at AS "decidedAt", d.in_force_at AS "inForceAt",
         ARRAY(SELECT g.signature FROM case_signatures g
           WHERE g.case_number = d.case_number AND g.about = 'decision' AND g.number = d.number ORDER BY g.place) AS signatures
       FROM cases c JOIN case_decisions d ON d.case_number = c.number
       WHERE c.shipment = $1 ORDER BY d.made_at, d.case_number, d.number`,
      [shipment],
    );
    return rows.map(({ case_number, signatures, ...decision }) => ({
      ...decision,
      case: caseId(case_number),
      signers: signatures.map((signature) => (JSON.parse(signature) as SignatureRecord).name),
    }));
  }
}
