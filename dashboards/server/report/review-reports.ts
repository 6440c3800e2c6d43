import type { AuditTrail } from '../../../domain/index.ts';
import type { AuditReviews, OrganisationStore, PlacedEntry, SignedReview } from '../../../storage/index.ts';
import type { ReportQuery } from '../../api/index.ts';
import { Formats } from './formats.ts';
import type { ReportIssuer } from './report-ledger.ts';
import { printedOf, reviewReport } from './review-report.ts';

const PAGE = 1_000;

/** Reviews of the audit trail as PDF/A-3b, with what was reviewed and the proof of the ledger (docs/reports.md). */
export class ReviewReports {
  readonly #audit: AuditTrail;
  readonly #issuer: ReportIssuer;
  readonly #organisation: OrganisationStore;
  readonly #reviews: AuditReviews;

  constructor(options: {
    readonly audit: AuditTrail;
    readonly issuer: ReportIssuer;
    readonly organisation: OrganisationStore;
    readonly reviews: AuditReviews;
  }) {
    this.#audit = options.audit;
    this.#issuer = options.issuer;
    this.#organisation = options.organisation;
    this.#reviews = options.reviews;
  }

  async pdf(review: SignedReview, { zone, language }: Pick<ReportQuery, 'zone' | 'language'>): Promise<Buffer> {
    const entries = await this.#entries(review);
    const signing = await this.#audit.history(`audit-review:${review.number}`);
    const at = Date.parse(review.at);
    const [from, to] = [entries[0]?.at ?? at, entries.at(-1)?.at ?? at];
    const cover = { organisation: (await this.#organisation.get())?.name ?? null, at, language, zone };
    const evidence = { review, actions: await this.#reviews.actionsOf(review), entries, signing };
    const frame = { formats: new Formats({ language, zone, unit: 'C' }), from, to };
    return this.#issuer.issue({
      about: `audit-review:${review.number}`,
      facts: { causes: [...printedOf(entries), ...signing].map(({ id }) => id), subjects: [] },
      write: (ledger) => reviewReport(evidence, { ...frame, ledger }, cover),
    });
  }

  async #entries({ after, to }: SignedReview): Promise<readonly PlacedEntry[]> {
    const entries: PlacedEntry[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.#reviews.entries({ after, to, limit: PAGE, cursor });
      entries.push(...page.items);
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    return entries;
  }
}
