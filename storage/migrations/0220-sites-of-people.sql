-- Whose goods somebody sees: those of these sites, or of all of them. One may not be bound to no site at all.
ALTER TABLE users ADD COLUMN sites text[] CHECK (cardinality(sites) > 0);
COMMENT ON COLUMN users.sites IS 'The sites whose goods the user sees, sorted; null = all.';
ALTER TABLE tokens ADD COLUMN sites text[] CHECK (cardinality(sites) > 0);
COMMENT ON COLUMN tokens.sites IS 'The sites whose goods the token shows, sorted; null = all.';
