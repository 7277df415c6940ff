-- The second factor: authenticators, backup codes, challenges, remembered devices, notices.

-- Wrong codes of an account over all its challenges, and how long codes are not looked at.
ALTER TABLE accounts ADD COLUMN factor_failures BIGINT NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN factor_until BIGINT NOT NULL DEFAULT 0;

-- When the holder of a session last showed the second factor itself.
ALTER TABLE sessions ADD COLUMN factor_time BIGINT;

-- At most one that counts and one that waits for its first code.
CREATE TABLE authenticators (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  kind TEXT NOT NULL CHECK (kind IN ('totp', 'email')),
  origin TEXT NOT NULL CHECK (origin IN ('sign_up', 'session')),
  sealed TEXT,
  created_at BIGINT NOT NULL,
  confirm_by BIGINT NOT NULL,
  confirmed_at BIGINT,
  last_step BIGINT,
  op TEXT NOT NULL
);
CREATE UNIQUE INDEX authenticators_confirmed ON authenticators (account_id) WHERE confirmed_at IS NOT NULL;
CREATE UNIQUE INDEX authenticators_unconfirmed ON authenticators (account_id) WHERE confirmed_at IS NULL;
CREATE INDEX authenticators_by_account ON authenticators (account_id);
CREATE INDEX authenticators_by_confirm_by ON authenticators (confirm_by) WHERE confirmed_at IS NULL;

CREATE TABLE backup_codes (
  code_hash TEXT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  created_at BIGINT NOT NULL,
  used_at BIGINT,
  used_by TEXT
);
CREATE INDEX backup_codes_by_account ON backup_codes (account_id);

-- A right password that waits for the second factor.
CREATE TABLE challenges (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  authenticator_id TEXT NOT NULL,
  credential_version BIGINT NOT NULL,
  token_hash TEXT NOT NULL UNIQUE,
  idle_span BIGINT NOT NULL,
  attempts BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_by TEXT,
  op TEXT NOT NULL
);
CREATE INDEX challenges_by_account ON challenges (account_id, id);
CREATE INDEX challenges_by_expiry ON challenges (expires_at);

CREATE TABLE remembered_devices (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  token_hash TEXT NOT NULL UNIQUE,
  user_agent TEXT NOT NULL,
  address TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  op TEXT NOT NULL
);
CREATE INDEX remembered_devices_by_account ON remembered_devices (account_id, id);
CREATE INDEX remembered_devices_by_expiry ON remembered_devices (expires_at);

-- What owners are told; what cannot be delivered in time expires.
CREATE TABLE outbox (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('mail', 'event')),
  template TEXT NOT NULL,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  recipient TEXT NOT NULL,
  sealed TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'failed')),
  attempts BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  due_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  op TEXT NOT NULL
);
CREATE INDEX outbox_by_account ON outbox (account_id, template, created_at);
CREATE INDEX outbox_by_expiry ON outbox (expires_at);

UPDATE schema_version SET version = 2 WHERE id = 1;
