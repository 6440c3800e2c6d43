import type { Epc, SeenFrom } from '../../domain/index.ts';
import type { Database } from '../../storage/index.ts';

/** Those of some serials and units that are seen from there. */
export async function seenGoods(
  database: Database,
  epcs: readonly Epc[],
  seenFrom: SeenFrom,
): Promise<ReadonlySet<Epc>> {
  if (seenFrom === null || epcs.length === 0) return new Set(epcs);
  const { rows } = await database.query<{ epc: Epc }>(
    'SELECT epc FROM unnest($1::text[]) AS epc WHERE goods_seen_from(epc, $2::text[])',
    [[...new Set(epcs)], seenFrom],
  );
  return new Set(rows.map(({ epc }) => epc));
}

/** Those of some devices that are seen from there. */
export async function seenDevices(
  database: Database,
  devices: readonly string[],
  seenFrom: SeenFrom,
): Promise<ReadonlySet<string>> {
  if (seenFrom === null || devices.length === 0) return new Set(devices);
  const { rows } = await database.query<{ device: string }>(
    'SELECT device FROM unnest($1::text[]) AS device WHERE device_seen_from(device, $2::text[])',
    [[...new Set(devices)], seenFrom],
  );
  return new Set(rows.map(({ device }) => device));
}

/**
 * Which of these are known here and not seen from there: to name them in a notice would be to take them over.
 * @returns ids of devices and EPCs, a few
 */
export async function strangersAmong(
  database: Database,
  { devices, epcs }: { readonly devices: readonly string[]; readonly epcs: readonly Epc[] },
  seenFrom: SeenFrom,
): Promise<string[]> {
  if (seenFrom === null) return [];
  const { rows } = await database.query<{ id: string }>(
    `(SELECT device AS id FROM unnest($1::text[]) AS device
       WHERE (EXISTS (SELECT FROM attachments_members m WHERE m.subject = device)
           OR EXISTS (SELECT FROM devices d WHERE d.name = device)
           OR EXISTS (SELECT FROM facts f WHERE f.subject = 'device:' || device AND f.type = 'device'))
         AND NOT device_seen_from(device, $3::text[]) LIMIT 5)
     UNION ALL
     (SELECT epc FROM unnest($2::text[]) AS epc
       WHERE (EXISTS (SELECT FROM serials s WHERE s.epc = epc.epc) OR EXISTS (SELECT FROM shipment_units u WHERE u.unit = epc)
           OR EXISTS (SELECT FROM containment_members m WHERE m.subject = epc)
           OR EXISTS (SELECT FROM presence_members m WHERE m.subject = epc))
         AND NOT goods_seen_from(epc, $3::text[]) LIMIT 5)`,
    [devices, epcs, seenFrom],
  );
  return rows.map(({ id }) => id);
}
