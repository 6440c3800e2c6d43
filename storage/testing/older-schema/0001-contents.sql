-- For storage/migrate.test.ts: what is in what, by name.
CREATE TABLE contents (child text PRIMARY KEY, parent text NOT NULL);
