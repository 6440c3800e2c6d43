import { identityOfTag } from '../../codecs/epc/index.ts';
import { ManifestKey } from '../../codecs/manifest/index.ts';
import type { DoorManifest, ManifestThing } from '../../domain/index.ts';

/** Of the platform in tests. */
export const MANIFEST_KEY = new ManifestKey(Buffer.alloc(32, 3));

export const ANNOUNCED_UNIT = 'urn:epc:id:sscc:0614141.1000000001';

/** What gw-1 is told of dock-1, where a pass lasts while a gateway starts anew: a pallet with these tags goes in there today. */
export function announcedManifest(tags: readonly string[], change: Partial<DoorManifest> = {}): DoorManifest {
  const now = Date.now();
  const nothing = { shipments: ['SHP-1'], expiry: null, status: null, reasons: [] };
  const inside = tags.map((hex): ManifestThing => {
    return { ...nothing, epc: identityOfTag(hex, 96), inside: ANNOUNCED_UNIT };
  });
  return {
    ...{ gateway: 'gw-1', version: 1, madeAt: now, completeUntil: now, left: null },
    doors: [
      {
        ...{ id: 'portal:lyon/dock-1', site: 'site:lyon', triggers: ['dock-1/1'], quietMs: 60_000, capMs: 120_000 },
        antennas: [
          { reader: 'dock-1', antenna: 1, side: 'outside' },
          { reader: 'dock-1', antenna: 2, side: 'inside' },
        ],
      },
    ],
    shipments: [
      { shipment: 'SHP-1', origin: 'site:berlin', destination: 'site:lyon', departs: now - 3_600_000, closedAt: null },
    ],
    things: [{ ...nothing, epc: ANNOUNCED_UNIT, inside: null }, ...inside],
    ...change,
  };
}
