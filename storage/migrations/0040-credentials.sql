-- A credential is made for an id alone: whether a gateway or a logger signs in with it shows in what it publishes.
ALTER TABLE credentials DROP COLUMN kind;
