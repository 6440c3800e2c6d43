-- Suspect product is quarantined at once (21 U.S.C. 360eee-1(c)(4)(A)(i)(I)): what the log has to be told of a case that was opened so.
ALTER TABLE cases ADD COLUMN to_stop text[];
COMMENT ON COLUMN cases.to_stop IS 'EPCs of suspect product that the log was not told yet to stop; null = none.';
CREATE INDEX cases_to_stop ON cases (number) WHERE to_stop IS NOT NULL;
