-- Who presented himself by an ATP credential when he asked.
ALTER TABLE verification_answers ADD COLUMN credential json;
COMMENT ON COLUMN verification_answers.credential IS 'The ATP credential that was presented and held: holder and issuer, as DIDs; null = none was.';
