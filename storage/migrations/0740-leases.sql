-- Who owns a thing is told by a lease and no longer by an advisory lock of a session: a lease survives a pooler and the
-- failover to a stand-by, and ends by itself where its holder hangs. The renewing of a lease must not wait for a
-- transaction of its holder that has looked at the epoch: the look is FOR KEY SHARE, and a new owner's is FOR UPDATE.
ALTER TABLE owners
  ADD COLUMN holder text NOT NULL DEFAULT '',
  ADD COLUMN until timestamptz NOT NULL DEFAULT '-infinity';
ALTER TABLE owners SET (fillfactor = 50);
COMMENT ON COLUMN owners.holder IS 'Who has it: a number drawn at start, machine, process number and its start; empty: nobody since the update.';
COMMENT ON COLUMN owners.until IS 'When it is another''s for the taking, by the clock of the database; its holder moves it on.';
