-- Staff members' second factor: codes of an app, passkeys, recovery codes; and what a session is good for.

create table staff_totp (
  staff_id uuid primary key references staff on delete cascade,
  -- The secret in force, and one that is being set up and takes its place once a code out of it was typed.
  sealed bytea,
  pending bytea,
  -- The time step (RFC 6238, 4.2) of the last code that counted: neither it nor an earlier one counts again.
  last_step bigint not null default 0
);

create table staff_passkeys (
  id uuid primary key default uuidv7(),
  staff_id uuid not null references staff on delete cascade,
  credential_id text not null unique,
  public_key bytea not null,
  counter bigint not null,
  transports text[] not null,
  name text not null,
  created_at timestamptz not null,
  used_at timestamptz
);
create index staff_passkeys_staff on staff_passkeys (staff_id);

-- Only the codes that are left; a used one is gone.
create table staff_recovery_codes (
  staff_id uuid not null references staff on delete cascade,
  hash bytea not null,
  primary key (staff_id, hash)
);

-- What a passkey is asked to sign: each counts once, for what it was made for.
create table passkey_challenges (
  challenge text primary key,
  purpose text not null check (purpose in ('register', 'second', 'sign-in')),
  staff_id uuid references staff on delete cascade,
  expires_at timestamptz not null
);
create index passkey_challenges_expiry on passkey_challenges (expires_at);

-- When a staff member has last typed the password in this session.
alter table sessions add column confirmed_at timestamptz;
-- Good for setting up the second factor that is required, and for nothing else.
alter table sessions add column factor_missing boolean not null default false;
