import { InputError, IsothermError } from '../../../domain/index.ts';
import type { FactNames, LedgerIssuer, ProvenFacts } from '../../../storage/index.ts';
import { unissued, withProof } from './issued.ts';
import type { OnDrawn } from './progress.ts';
import { renderReport } from './render.ts';
import type { Report } from './report.ts';

/** What the ledger says of a report: the proven facts in it (null: it has none of them), or why it says nothing. */
export type ReportLedger = { readonly facts: ProvenFacts | null } | { readonly trouble: string };

export function isProven(ledger: ReportLedger): ledger is { readonly facts: ProvenFacts | null } {
  return 'facts' in ledger;
}

/** What is to be made a report of. */
export interface Issue {
  /** `case:C-000123` */
  readonly about: string;
  readonly facts: FactNames;
  readonly write: (ledger: ReportLedger) => Report;
  /** Told how far it is. */
  readonly onDrawn?: OnDrawn;
}

/** Renders reports, with what proves the facts in them and that they were issued. */
export class ReportIssuer {
  readonly #ledger: LedgerIssuer;

  readonly #mark: string | null;

  /** @param options.mark stands on every page of every report */
  constructor(options: { readonly ledger: LedgerIssuer; readonly mark: string | null }) {
    this.#ledger = options.ledger;
    this.#mark = options.mark;
  }

  /** A ledger that cannot sign costs the proof, never the report: it then says so. */
  async issue({ about, facts: names, onDrawn, ...issue }: Issue): Promise<Buffer> {
    const write = (ledger: ReportLedger): Report => ({
      ...issue.write(ledger),
      ...(this.#mark !== null && { mark: this.#mark }),
    });
    try {
      const facts = await this.#ledger.facts(names);
      const pdf = await renderReport({ ...write({ facts }), isToBeIssued: true }, onDrawn);
      const document = { about, bytes: pdf.length, sha256: unissued(pdf).sha256 };
      return withProof(pdf, await this.#ledger.issue('report', document, facts?.signed ?? null));
    } catch (error) {
      // What was asked badly is no trouble of the ledger.
      if (!(error instanceof IsothermError) || error instanceof InputError) throw error;
      return renderReport(write({ trouble: error.message }), onDrawn);
    }
  }
}
