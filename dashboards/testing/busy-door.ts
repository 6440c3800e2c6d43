// biome-ignore-all lint/style/noRestrictedImports: a kit of the tests, which stand outside the table of rooms
import { encodeBatch } from '../../codecs/batch/index.ts';
import { systemTime } from '../../domain/index.ts';
import { door, pallet, through, vials } from '../../trace/testing/yard.ts';
import type { Installation } from '../server/testing/installation.ts';

const HOUR = 3_600_000;
const DOCK = door('dock-1');
const iso = (at: number) => new Date(at).toISOString();

/** Dock 1 of Lyon and a shipment that comes to it: pallets 1, 2, …, of which pallet n has the vials n01 to n08. */
export class BusyDoor {
  readonly #house: Installation;
  #sequence = 0;
  #last = 0;

  private constructor(house: Installation) {
    this.#house = house;
  }

  static async open(house: Installation, pallets: number): Promise<BusyDoor> {
    const site = { id: 'site:lyon', kind: 'site', name: 'Lyon', parent: null, zone: 'Europe/Paris' } as const;
    await house.tell(
      { type: 'place', place: site, by: 'test' },
      { type: 'portal', portal: { ...DOCK, name: 'Dock 1' }, by: 'test' },
    );
    const now = Date.now();
    const notice = {
      ...{ id: 'SHP-1', profile: '2-8C', origin: 'site:berlin', destination: 'site:lyon' },
      ...{ departs: iso(now - 4 * HOUR), arrives: iso(now + 4 * HOUR) },
      units: Array.from({ length: pallets }, (_, n) => ({
        ...{ sscc: pallet(n + 1), devices: [], from: iso(now - 5 * HOUR) },
        children: vials((n + 1) * 100 + 1, (n + 1) * 100 + 8),
      })),
      products: [{ gtin: '80614141123458', name: 'Examplumab 40 mg', lot: 'A17', expiry: '2099-06-30' }],
    };
    const { status, body } = await house.ask('logistics', 'POST', '/shipments', notice);
    // Accepted, where the machine is too busy to have it at once.
    if (status !== 201 && status !== 202) throw new Error(`the shipment was not announced: ${JSON.stringify(body)}`);
    return new BusyDoor(house);
  }

  /** What a gateway sends of the dock. Not over: reads of this pallet may still come. */
  async carry(epcs: readonly string[], when: number, isOver = true): Promise<void> {
    const complete = DOCK.antennas.map(({ reader }) => ({ reader, at: isOver ? when + 9_000 : when + 1 }));
    const sequence = ++this.#sequence;
    const batch = { gateway: 'gw-lyon', sequence, at: when, gpi: [], gaps: [], complete };
    await this.#house.log.append([
      {
        ...{ family: 'trace', kind: 'sightings', version: 1, source: 'gw-lyon', sequence },
        arrival: systemTime.now(),
        payload: encodeBatch({ ...batch, sightings: through(DOCK, 'in', when, epcs) }),
      },
    ]);
  }

  /** A moment at which the door has been quiet for long enough that another pallet comes. */
  nextPallet(): number {
    this.#last = Math.max(Date.now(), this.#last + 12_000);
    return this.#last;
  }
}
