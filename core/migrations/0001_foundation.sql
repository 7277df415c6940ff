-- The schema for every database: SQLite, D1, PostgreSQL (docs/DESIGN §3).
-- Types are BIGINT (Unix milliseconds, numbers) and TEXT only.

CREATE TABLE IF NOT EXISTS schema_version (
  id BIGINT PRIMARY KEY CHECK (id = 1),
  version BIGINT NOT NULL
);

-- When a host's sweep last ran, by that host's clock: readyz warns when that is long ago.
CREATE TABLE heartbeat (
  id BIGINT PRIMARY KEY CHECK (id = 1),
  at BIGINT NOT NULL
);

CREATE TABLE accounts (
  id TEXT PRIMARY KEY,
  email TEXT,
  email_folded TEXT UNIQUE,
  username TEXT,
  username_folded TEXT UNIQUE,
  full_name TEXT,
  status TEXT NOT NULL CHECK (status IN ('pending', 'active', 'blocked', 'deleted')),
  email_verified_at BIGINT,
  properties TEXT NOT NULL,
  admin_properties TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  last_login_at BIGINT,
  blocked_at BIGINT,
  blocked_by TEXT,
  block_reason TEXT,
  deleted_at BIGINT,
  idempotency TEXT,
  op TEXT NOT NULL,
  CHECK (email_folded IS NOT NULL OR username_folded IS NOT NULL)
);

CREATE TABLE credentials (
  account_id TEXT PRIMARY KEY REFERENCES accounts (id),
  phc TEXT NOT NULL,
  version BIGINT NOT NULL,
  changed_at BIGINT NOT NULL
);

CREATE TABLE roles (
  name TEXT PRIMARY KEY,
  level BIGINT NOT NULL CHECK (level >= 0 AND level <= 99),
  description TEXT NOT NULL
);

INSERT INTO roles (name, level, description) VALUES
  ('superadmin', 0, 'may do everything'),
  ('admin', 1, 'administers accounts'),
  ('user', 10, 'has an account'),
  ('guest', 99, 'may look around');

CREATE TABLE account_roles (
  account_id TEXT NOT NULL REFERENCES accounts (id),
  role TEXT NOT NULL REFERENCES roles (name),
  granted_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, role)
);

-- A refresh token is a family (found by its keyed hash) and a secret (compared).
CREATE TABLE sessions (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  created_at BIGINT NOT NULL,
  auth_time BIGINT NOT NULL,
  aal BIGINT NOT NULL,
  amr TEXT NOT NULL,
  idle_span BIGINT NOT NULL,
  user_agent TEXT NOT NULL,
  address TEXT NOT NULL,
  family_hash TEXT NOT NULL UNIQUE,
  refresh_hash TEXT NOT NULL,
  previous_hash TEXT,
  generation BIGINT NOT NULL,
  refreshed_at BIGINT NOT NULL,
  idle_end BIGINT NOT NULL,
  absolute_end BIGINT NOT NULL,
  revoked_at BIGINT,
  revoked_for TEXT,
  op TEXT NOT NULL
);
CREATE INDEX sessions_by_account ON sessions (account_id, id);
CREATE INDEX sessions_by_idle_end ON sessions (idle_end);
CREATE INDEX sessions_revoked ON sessions (revoked_at, id) WHERE revoked_at IS NOT NULL;

-- Keys are account ids, or keyed hashes cut to 20 bits (names without an account, addresses):
-- strangers cannot grow the table past 2^20 rows a kind.
CREATE TABLE throttles (
  key TEXT PRIMARY KEY,
  failures BIGINT NOT NULL,
  until BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  op TEXT NOT NULL
);
CREATE INDEX throttles_by_expiry ON throttles (expires_at);

CREATE TABLE signing_keys (
  id TEXT PRIMARY KEY,
  algorithm TEXT NOT NULL,
  public_key TEXT NOT NULL,
  sealed TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('next', 'active', 'retired')),
  created_at BIGINT NOT NULL,
  activated_at BIGINT,
  retired_at BIGINT,
  op TEXT NOT NULL
);
CREATE UNIQUE INDEX signing_keys_active ON signing_keys (state) WHERE state = 'active';
CREATE UNIQUE INDEX signing_keys_next ON signing_keys (state) WHERE state = 'next';

INSERT INTO schema_version (id, version) VALUES (1, 1);
