-- For storage/migrate.test.ts: parents get a number, and a view shows what the table did.
CREATE TABLE parents (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL UNIQUE);
INSERT INTO parents (name) SELECT DISTINCT parent FROM contents;
CREATE TABLE members (child text PRIMARY KEY, parent bigint NOT NULL REFERENCES parents);
INSERT INTO members SELECT c.child, p.id FROM contents c JOIN parents p ON p.name = c.parent;
DROP TABLE contents;
CREATE VIEW contents AS SELECT m.child, p.name AS parent FROM members m JOIN parents p ON p.id = m.parent;
