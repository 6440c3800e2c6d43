import type pg from 'pg';
import type { EpcisMasterData } from '../../domain/index.ts';

/**
 * Keeps what a sender says of places and products: the whole of an element each time, the last word of the log counting,
 * also where the log is worked through again. What another sender said of the same stays beside it.
 */
export async function keepMasterData(
  client: pg.ClientBase,
  elements: readonly EpcisMasterData[],
  { position, by }: { readonly position: number; readonly by: string },
): Promise<void> {
  if (elements.length === 0) return;
  // Said twice in one document, the second counts.
  const last = new Map(elements.map((element) => [`${element.type} ${element.id}`, element]));
  await client.query(
    `INSERT INTO epcis_vocabulary_elements (type, id, by, position, attributes, children)
     SELECT type, id, $1, $2, attributes, ARRAY(SELECT jsonb_array_elements_text(children))
     FROM jsonb_to_recordset($3::jsonb) AS element (type text, id text, attributes jsonb, children jsonb)
     ON CONFLICT (id, type, by) DO UPDATE SET position = excluded.position, attributes = excluded.attributes,
       children = excluded.children WHERE excluded.position >= epcis_vocabulary_elements.position`,
    [by, position, JSON.stringify([...last.values()])],
  );
}
