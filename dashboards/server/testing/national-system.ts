/** A pack as the national system is told of it. */
export interface NationalPack {
  readonly gtin: string;
  readonly serial: string | null;
  readonly lot: string | null;
  /** YYMMDD */
  readonly expiry: string | null;
}

interface Answer {
  readonly code: string;
  readonly alertId: string | null;
}

/**
 * A simulated national repository (NMVS), as far as public documents tell of its answers: serials exactly as uploaded, lot and
 * expiry compared, one decommissioning of each pack, reverted by who did it.
 */
export class NationalSystem {
  readonly #packs = new Map<string, NationalPack & { by: string | null }>();
  #alerts = 0;

  /** What the maker uploads. */
  upload(pack: NationalPack): void {
    this.#packs.set(`${pack.gtin} ${pack.serial}`, { ...pack, by: null });
  }

  supply(sent: NationalPack, by: string): Answer {
    const known = this.#packs.get(`${sent.gtin} ${sent.serial}`);
    if (known === undefined) return this.#alert('NMVS_NC_PC_02');
    if (known.lot !== sent.lot) return this.#alert('NMVS_FE_LOT_13');
    if (known.expiry !== sent.expiry) return this.#alert('NMVS_FE_LOT_12');
    if (known.by !== null) return this.#alert('NMVS_NC_PCK_22');
    known.by = by;
    return DONE;
  }

  undo(sent: NationalPack, by: string): Answer {
    const known = this.#packs.get(`${sent.gtin} ${sent.serial}`);
    if (known === undefined) return this.#alert('NMVS_NC_PC_02');
    if (known.by === null) return this.#alert('NMVS_NC_PCK_06');
    if (known.by !== by) return this.#alert('NMVS_NC_PCK_21');
    known.by = null;
    return DONE;
  }

  #alert(code: string): Answer {
    this.#alerts += 1;
    return { code, alertId: `XX-${this.#alerts}` };
  }
}

const DONE: Answer = { code: 'NMVS_SUCCESS', alertId: null };
