-- Master data that partners send of their places and products (EPCIS 2.0, sections 8.2.7.2 and 9.4), beside what is registered here.
CREATE TABLE epcis_vocabulary_elements (
  type text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  by text COLLATE "C" NOT NULL,
  position bigint NOT NULL,
  attributes jsonb NOT NULL,
  children text[] NOT NULL,
  PRIMARY KEY (id, type, by)
);
COMMENT ON TABLE epcis_vocabulary_elements IS 'Master data as each sender said it last.';
COMMENT ON COLUMN epcis_vocabulary_elements.type IS 'The vocabulary, a URI: urn:epcglobal:epcis:vtype:BusinessLocation.';
COMMENT ON COLUMN epcis_vocabulary_elements.id IS 'What it is about: an SGLN, a class of products, a URI.';
COMMENT ON COLUMN epcis_vocabulary_elements.by IS 'Who captured it.';
COMMENT ON COLUMN epcis_vocabulary_elements.position IS 'Log position of its capture.';
COMMENT ON COLUMN epcis_vocabulary_elements.attributes IS 'By name, each with its values; one that is no text is JSON as text.';
COMMENT ON COLUMN epcis_vocabulary_elements.children IS 'Ids of what it holds.';

-- What is known of each element: as it is registered here, else as a sender said it last.
CREATE VIEW epcis_master_data (type, id, attributes, children) AS
SELECT 'urn:epcglobal:epcis:vtype:BusinessLocation', id,
  jsonb_build_object('urn:epcglobal:cbv:mda#name', name, 'urn:isotherm:epcis:kind', kind)
    || CASE WHEN gln IS NULL THEN '{}' ELSE jsonb_build_object('urn:isotherm:epcis:gln', gln) END,
  ARRAY(WITH RECURSIVE below AS (
      SELECT p.id FROM places p WHERE p.parent = places.id
      UNION SELECT p.id FROM places p JOIN below ON p.parent = below.id)
    SELECT below.id FROM below ORDER BY below.id)
FROM places
UNION ALL
SELECT 'urn:epcglobal:epcis:vtype:ReadPoint', 'portal:' || id,
  jsonb_build_object('urn:epcglobal:cbv:mda#name', name, 'urn:isotherm:epcis:site', site), '{}'::text[]
FROM portals
UNION ALL
SELECT 'urn:epcglobal:epcis:vtype:EPCClass', 'https://id.gs1.org/01/' || gtin,
  jsonb_build_object('urn:epcglobal:cbv:mda#descriptionShort', name), '{}'::text[]
FROM products
UNION ALL
SELECT type, id, attributes, children FROM epcis_vocabulary_elements e
WHERE NOT EXISTS (SELECT FROM epcis_vocabulary_elements later WHERE later.id = e.id AND later.type = e.type
    AND (later.position, later.by) > (e.position, e.by))
  AND NOT EXISTS (SELECT FROM places WHERE places.id = e.id);
COMMENT ON VIEW epcis_master_data IS 'Master data by type and id, for queries.';
