import type pg from 'pg';
import { isPlusTag, keysOf, parseEpc } from '../../codecs/epc/index.ts';
import type { Epc } from '../../domain/index.ts';

/*
 * A "+" tag (TDS 2.3) holds a GTIN and serial, or an SSCC, and does not say where the company prefix ends: it is known by
 * its Digital Link until a notice or event names the same thing by its pure identity.
 */

/** Digital Links of tags to the identities that notices have given the same things. */
export async function namesOfPlusTags(client: pg.ClientBase, identities: Iterable<string>): Promise<Map<string, Epc>> {
  const serials: { link: string; gtin: string; serial: string }[] = [];
  const units = new Map<Epc, string>();
  for (const link of new Set(identities)) {
    if (!isPlusTag(link)) continue;
    const keys = keysOf(link);
    if (keys === null) continue;
    if ('gtin' in keys) serials.push({ link, ...keys });
    else for (const epc of ssccsOf(link)) units.set(epc, link);
  }
  const names = new Map<string, Epc>();
  if (serials.length > 0) {
    const { rows } = await client.query<{ link: string; epc: Epc }>(
      `SELECT DISTINCT ON (t.link) t.link, s.epc
       FROM unnest($1::text[], $2::text[], $3::text[]) AS t (link, gtin, serial)
         JOIN serials s ON s.gtin = t.gtin AND lower(s.serial) COLLATE "C" = lower(t.serial) AND s.serial = t.serial
       ORDER BY t.link, s.position DESC`,
      [serials.map(({ link }) => link), serials.map(({ gtin }) => gtin), serials.map(({ serial }) => serial)],
    );
    for (const { link, epc } of rows) names.set(link, epc);
  }
  if (units.size > 0) {
    const { rows } = await client.query<{ epc: Epc }>(
      `SELECT unit AS epc FROM shipment_units WHERE unit = ANY($1::text[])
       UNION SELECT epc FROM shipment_lines WHERE epc = ANY($1::text[])
       UNION SELECT epc FROM unnest($1::text[]) AS epc WHERE EXISTS (
         SELECT FROM epcis_events WHERE any_epcs @> ARRAY[epc] AND NOT is_declaration) ORDER BY epc`,
      [[...units.keys()]],
    );
    for (const { epc } of rows) names.set(units.get(epc) ?? epc, epc);
  }
  return names;
}

function ssccsOf(link: string): Epc[] {
  return [6, 7, 8, 9, 10, 11, 12].map((companyPrefixLength) => parseEpc(link, { companyPrefixLength }));
}
