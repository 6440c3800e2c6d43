import type { AuditTrail, Origination, TimeSource } from '../../domain/index.ts';
import { type Database, effectsOf, timestamp } from '../../storage/index.ts';

/** What the label of a product says; null = not said, and never guessed. */
export interface ProductLabel {
  /** GTIN-14. */
  readonly gtin: string;
  /** National Drug Code. */
  readonly ndc: string | null;
  readonly strength: string | null;
  readonly dosageForm: string | null;
  readonly containerSize: string | null;
}

const COLUMNS = 'gtin, ndc, strength, dosage_form AS "dosageForm", container_size AS "containerSize"';

/** Labels of products, as transaction information needs them. */
export class ProductLabels {
  readonly #options: { readonly audit: AuditTrail; readonly database: Database; readonly time: TimeSource };

  constructor(options: { readonly audit: AuditTrail; readonly database: Database; readonly time: TimeSource }) {
    this.#options = options;
  }

  /** Those that are kept of some, by GTIN. */
  async of(gtins: readonly string[]): Promise<ReadonlyMap<string, ProductLabel>> {
    const { rows } = await this.#options.database.query<ProductLabel>(
      `SELECT ${COLUMNS} FROM product_labels WHERE gtin = ANY ($1)`,
      [gtins],
    );
    return new Map(rows.map((label) => [label.gtin, label]));
  }

  async put(label: ProductLabel, by: Origination): Promise<void> {
    const { audit, database, time } = this.#options;
    const { gtin, ndc, strength, dosageForm, containerSize } = label;
    const before = (await this.of([gtin])).get(gtin) ?? null;
    await database.transaction(async (client) => {
      await client.query(
        `INSERT INTO product_labels (gtin, ndc, strength, dosage_form, container_size, changed_at, changed_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (gtin) DO UPDATE SET ndc = excluded.ndc, strength = excluded.strength,
           dosage_form = excluded.dosage_form, container_size = excluded.container_size,
           changed_at = excluded.changed_at, changed_by = excluded.changed_by`,
        [gtin, ndc, strength, dosageForm, containerSize, timestamp(time.now()), by.actor.name],
      );
      await audit.add(effectsOf(client), {
        ...{ ...by, at: time.now(), action: 'product.label', subject: `product:${gtin}`, old: before, new: label },
      });
    });
  }
}
