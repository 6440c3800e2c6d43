-- Decided cases that were closed not long ago are compared with what is known by now, as open ones are.
CREATE INDEX cases_closed ON cases (number DESC) WHERE state = 'closed';
CREATE INDEX cases_follows ON cases (follows) WHERE follows IS NOT NULL;
COMMENT ON COLUMN case_serials.is_by_hand IS 'A person put it in, or data that came after another case of it was closed: no alert takes it out.';
