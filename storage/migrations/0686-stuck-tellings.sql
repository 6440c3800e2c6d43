-- Words to partners that are tried no more, oldest first.
CREATE INDEX exception_tellings_stuck ON exception_tellings (since) WHERE next_at IS NULL;
