-- What people may do, by roles that an installation makes for itself beside the built-in ones, whose permissions stand in
-- domain/permission.ts; and tokens that may less than their role.
CREATE TABLE roles (
  name text COLLATE "C" PRIMARY KEY,
  about text,
  permissions text[],
  requires_factor boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE roles IS 'What somebody is here for: the five that are built in, and those an administrator made.';
COMMENT ON COLUMN roles.name IS 'As users and tokens name it.';
COMMENT ON COLUMN roles.about IS 'What it is for, in the words of who made it.';
COMMENT ON COLUMN roles.permissions IS 'What it may; null = built in: as domain/permission.ts says.';
COMMENT ON COLUMN roles.requires_factor IS 'Whether who has it must sign in with a second factor.';
COMMENT ON COLUMN roles.created_at IS 'When it was made.';
INSERT INTO roles (name) VALUES ('logistics'), ('quality'), ('dock'), ('operations'), ('admin');

-- A role that somebody has cannot go, whoever looks first.
ALTER TABLE users ADD CONSTRAINT users_role_fkey FOREIGN KEY (role) REFERENCES roles;
CREATE INDEX users_by_role ON users (role);
ALTER TABLE tokens ADD CONSTRAINT tokens_role_fkey FOREIGN KEY (role) REFERENCES roles;
CREATE INDEX tokens_by_role ON tokens (role);

ALTER TABLE tokens ADD COLUMN scope text[];
COMMENT ON COLUMN tokens.scope IS 'The permissions of its role that it is narrowed to; null = all of them.';
