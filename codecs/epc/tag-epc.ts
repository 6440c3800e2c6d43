import type { Epc } from '../../domain/index.ts';

/** EPC memory of a tag, read. */
export interface TagEpc {
  /** `sgtin-96`, `sgtin+`. */
  readonly scheme: string;
  /** null where the scheme has none. */
  readonly filter: number | null;
  /** Pure identity URI; of a "+" scheme, which does not say where the company prefix ends, the Digital Link. */
  readonly epc: Epc;
}
