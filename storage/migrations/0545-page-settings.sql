-- What people set of the page itself, kept with the account: it is the same on the next computer.
CREATE TABLE page_settings (
  user_id integer PRIMARY KEY REFERENCES users ON DELETE CASCADE,
  settings jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(settings) = 'object'),
  hints_seen text[] NOT NULL DEFAULT '{}'
);
COMMENT ON TABLE page_settings IS 'What people set for themselves of the page: unit of temperature, clock, language, sound, density, first screen.';
COMMENT ON COLUMN page_settings.user_id IS 'Whose.';
COMMENT ON COLUMN page_settings.settings IS 'By name, as PUT /me/settings takes them; a member that is absent, or not known any more, is as for everybody.';
COMMENT ON COLUMN page_settings.hints_seen IS 'Hints on screens that were put away, by name.';
