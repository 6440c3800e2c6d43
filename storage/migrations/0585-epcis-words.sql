-- What the top-level resources of EPCIS 2.0 list (sections 12.3 to 12.5): words and places that events name.
CREATE TABLE epcis_words (
  kind text COLLATE "C" NOT NULL CHECK (kind IN ('bizStep', 'disposition', 'readPoint', 'bizLocation')),
  word text COLLATE "C" NOT NULL,
  PRIMARY KEY (kind, word)
);
COMMENT ON TABLE epcis_words IS 'What events name of each kind, once.';
COMMENT ON COLUMN epcis_words.kind IS 'bizStep, disposition, readPoint or bizLocation.';
COMMENT ON COLUMN epcis_words.word IS 'A word of the CBV without its namespace, or a URI.';
INSERT INTO epcis_words (kind, word)
SELECT DISTINCT kind, word FROM epcis_events e, LATERAL (VALUES
  ('bizStep', e.biz_step), ('disposition', e.disposition), ('readPoint', e.read_point), ('bizLocation', e.biz_location)
) AS named (kind, word) WHERE word IS NOT NULL;

CREATE INDEX epcis_captures_created_at ON epcis_captures (created_at, id);
