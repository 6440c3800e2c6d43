import type { z } from 'zod';
import { InputError, type TimeSource } from '../../domain/index.ts';
import { type Case, FORM_3911_EDITION, form3911, type NotifiedSerial } from '../../quality/index.ts';
import type { Database, OrganisationStore } from '../../storage/index.ts';
import type { form3911View } from '../api/index.ts';
import { renderReport } from './report/render.ts';
import type { Report } from './report/report.ts';

type View = z.output<typeof form3911View>;

const DAY_MS = 86_400_000;
/** To be written by hand. */
const BLANK = '______________________________';

export interface Form3911Options {
  readonly database: Database;
  readonly organisation: OrganisationStore;
  readonly time: TimeSource;
  /** Stands on every page. */
  readonly mark: string | null;
}

/** The data sheet of Form FDA 3911 of cases of suspect product (docs/cases.md). */
export class Form3911 {
  readonly #database: Database;
  readonly #organisation: OrganisationStore;
  readonly #time: TimeSource;

  readonly #mark: string | null;

  constructor({ database, organisation, time, mark }: Form3911Options) {
    this.#mark = mark;
    this.#database = database;
    this.#organisation = organisation;
    this.#time = time;
  }

  /** @throws {InputError} CASE_KIND_OTHER */
  async of(one: Case, zone: string): Promise<View> {
    if (one.kind !== 'suspect product') {
      throw new InputError(
        'CASE_KIND_OTHER',
        `case ${one.id} is no case of suspect product: nothing of it is notified`,
      );
    }
    const serials = await this.#serials(one.number);
    const { determinedAt, notifiedAt } = await this.#moments(one.number);
    const items = form3911({
      ...{ case: one.id, serials, products: await this.#products(one.number), determinedAt, notifiedAt },
      ...{ events: await this.#events(one), company: await this.#organisation.get(), zone },
    });
    return {
      ...{ case: one.id, form: 'FDA 3911', edition: FORM_3911_EDITION, items: [...items], serials: [...serials] },
      toFillIn: items.filter(({ value }) => value === null).length,
    };
  }

  /** @throws {InputError} CASE_KIND_OTHER */
  async pdf(one: Case, zone: string): Promise<Buffer> {
    const view = await this.of(one, zone);
    const { items, serials, edition } = view;
    const report: Report = {
      ...(this.#mark !== null && { mark: this.#mark }),
      title: `Data for Form FDA 3911, ${one.id}`,
      subtitle: `Drug Notification, items as numbered in edition ${edition}. This is no form: enter it at FDA.`,
      ...{ organisation: (await this.#organisation.get())?.name ?? null, at: this.#time.now(), language: 'en', zone },
      blocks: [
        {
          kind: 'text',
          tone: 'grave',
          text: `${view.toFillIn} items are not known here and are for a person to fill in.`,
        },
        {
          kind: 'facts',
          facts: items.map(({ item, name, value, hint }) => [
            `${item}. ${name}`,
            value ?? (hint === null ? BLANK : `${BLANK} (${hint})`),
          ]),
        },
        {
          kind: 'items',
          title: 'Packages',
          items: serials.map(({ epc, lot }) => (lot === null ? epc : `${epc} lot ${lot}`)),
        },
      ],
      files: [
        {
          ...{ name: 'form-3911.json', mediaType: 'application/json', relationship: 'Data' },
          ...{ about: 'What the pages say, for machines', content: `${JSON.stringify(view, null, 1)}\n` },
        },
      ],
    };
    return renderReport(report);
  }

  async #serials(number: number): Promise<readonly NotifiedSerial[]> {
    const { rows } = await this.#database.query<NotifiedSerial>(
      `SELECT epc, gtin, serial, lot, expiry FROM case_serials WHERE case_number = $1 ORDER BY epc`,
      [number],
    );
    return rows;
  }

  async #products(number: number): Promise<readonly string[]> {
    const { rows } = await this.#database.query<{ name: string | null }>(
      `SELECT coalesce(p.name, (SELECT l.name FROM shipment_products l WHERE l.gtin = g.gtin ORDER BY l.shipment, l.line LIMIT 1)) AS name
       FROM (SELECT DISTINCT gtin FROM case_serials WHERE case_number = $1 AND gtin IS NOT NULL) AS g LEFT JOIN products p USING (gtin)`,
      [number],
    );
    return [...new Set(rows.flatMap(({ name }) => name ?? []))].sort();
  }

  /** The clock of the notification starts when product is found illegitimate, and stops when it was notified of. */
  async #moments(number: number): Promise<{ determinedAt: number | null; notifiedAt: number | null }> {
    const { rows } = await this.#database.query<{ due: number; doneAt: number | null }>(
      `SELECT due_at AS due, done_at AS "doneAt" FROM case_clocks WHERE case_number = $1 AND clock = 'dscsa.notification'`,
      [number],
    );
    const [clock] = rows;
    return { determinedAt: clock === undefined ? null : clock.due - DAY_MS, notifiedAt: clock?.doneAt ?? null };
  }

  /** Why it was opened, and what was found. */
  async #events({ number, title, reason }: Case): Promise<readonly string[]> {
    const { rows } = await this.#database.query<{ text: string }>(
      `SELECT text FROM case_changes WHERE case_number = $1 AND is_evidence ORDER BY id OFFSET 1 LIMIT 50`,
      [number],
    );
    return [reason === null ? title : `${title}: ${reason}`, ...rows.map(({ text }) => text)];
  }
}
