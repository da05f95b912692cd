-- A code by which a reader who has forgotten the password chooses a new one alone. Sealed like a password,
-- since a message carries it; one at a time, and dead after a few wrong tries.
create table recovery_codes (
  reader_id uuid primary key references readers on delete cascade,
  sealed bytea not null,
  made_at timestamptz not null,
  expires_at timestamptz not null,
  wrong_tries integer not null default 0
);
create index recovery_codes_expiry on recovery_codes (expires_at);
