-- Settings, network, people, cards, questionnaires, messages, audit.

create table settings (
  key text primary key,
  value jsonb not null
);

create table libraries (
  id uuid primary key default uuidv7(),
  code text not null unique check (code ~ '^[0-9]{3}$'),
  kind text not null check (kind in ('central', 'district')),
  name text not null,
  short_name text not null,
  municipality text not null default '',
  address text not null default '',
  phone text not null default '',
  email text not null default '',
  created_at timestamptz not null default now()
);
create unique index libraries_one_central on libraries (kind) where kind = 'central';

create table staff (
  id uuid primary key default uuidv7(),
  email text not null check (email = lower(email)),
  full_name text not null,
  password_hash text not null,
  disabled_at timestamptz,
  created_at timestamptz not null default now()
);
create unique index staff_email on staff (email);

create table staff_roles (
  staff_id uuid not null references staff on delete cascade,
  library_id uuid not null references libraries,
  role text not null check (role in ('librarian', 'operator', 'curator', 'methodologist', 'admin')),
  primary key (staff_id, library_id, role)
);

-- One person, one record: the folded name as a bag of words, the birth date, the namesake number.
create table readers (
  id uuid primary key default uuidv7(),
  library_id uuid not null references libraries,
  full_name text not null,
  name_key text not null,
  birth_date date not null,
  namesake integer not null default 0 check (namesake >= 0),
  email text,
  phone text,
  password_hash text not null,
  password_generated boolean not null,
  first_signed_in_at timestamptz,
  created_at timestamptz not null default now(),
  unique (name_key, birth_date, namesake)
);
create index readers_library on readers (library_id);

create sequence card_serial as bigint minvalue 1;

-- A number stays here for ever, also when its reader is gone: it is never given twice.
create table cards (
  number text primary key check (number ~ '^[0-9]{13}$'),
  reader_id uuid references readers on delete set null,
  state text not null check (state in ('issued', 'blocked', 'lost', 'replaced', 'expired')),
  issued_at timestamptz not null
);
create unique index cards_one_valid on cards (reader_id) where state = 'issued';

-- Readable initial passwords, sealed with the key outside the database, until first sign-in or 14 days.
create table sealed_passwords (
  reader_id uuid not null references readers on delete cascade,
  purpose text not null check (purpose in ('initial', 'provider')),
  sealed bytea not null,
  expires_at timestamptz not null,
  primary key (reader_id, purpose)
);
create index sealed_passwords_expiry on sealed_passwords (expires_at);

create table provider_accounts (
  reader_id uuid primary key references readers on delete cascade,
  provider text not null,
  number text not null,
  created_at timestamptz not null
);

create table consent_texts (
  version integer primary key generated always as identity,
  body text not null,
  created_at timestamptz not null default now()
);

create table applications (
  id uuid primary key default uuidv7(),
  library_id uuid not null references libraries,
  -- One questionnaire per key: a second click or a reload brings the same one back.
  form_key uuid not null unique,
  content_hash bytea not null,
  state text not null check (state in ('sent', 'returned', 'registered', 'refused', 'withdrawn')),
  full_name text not null,
  birth_date date not null,
  email text,
  phone text,
  return_reason text,
  created_by uuid not null references staff,
  sent_at timestamptz not null,
  decided_by uuid references staff,
  decided_at timestamptz,
  reader_id uuid references readers on delete set null,
  duplicate_of uuid references readers on delete set null,
  revision integer not null default 1
);
create index applications_waiting on applications (sent_at, id) where state = 'sent';
create index applications_library on applications (library_id, sent_at desc, id desc);
create index applications_reader on applications (reader_id);

create table application_events (
  application_id uuid not null references applications on delete cascade,
  revision integer not null,
  state text not null,
  staff_id uuid not null references staff,
  at timestamptz not null,
  reason text,
  primary key (application_id, revision)
);

create table consents (
  id uuid primary key default uuidv7(),
  application_id uuid references applications on delete set null,
  reader_id uuid references readers on delete cascade,
  text_version integer not null references consent_texts,
  basis text not null check (basis in ('self', 'guardian')),
  guardian_name text,
  guardian_relation text,
  taken_by uuid not null references staff,
  taken_at timestamptz not null,
  check ((basis = 'guardian') = (guardian_name is not null and guardian_relation is not null))
);
create index consents_application on consents (application_id);
create index consents_reader on consents (reader_id);

-- What goes to a person. The body is never stored: it is written while sending, the password from its seal.
create table messages (
  id uuid primary key default uuidv7(),
  channel text not null check (channel in ('email', 'sms')),
  event text not null,
  recipient text not null,
  reader_id uuid references readers on delete cascade,
  library_id uuid references libraries,
  application_id uuid references applications on delete set null,
  state text not null check (state in ('queued', 'sending', 'sent', 'failed', 'uncertain')),
  attempts integer not null default 0,
  gateway_id text,
  fault text,
  created_at timestamptz not null,
  sent_at timestamptz
);
create index messages_reader on messages (reader_id);
create index messages_application on messages (application_id);

-- The demonstration's stand-in for the receivers' own mailboxes and phones; empty in a real installation.
create table demo_outbox (
  message_id uuid primary key,
  channel text not null,
  recipient text not null,
  subject text not null,
  text text not null,
  at timestamptz not null
);

create table sessions (
  token_hash bytea primary key,
  reader_id uuid references readers on delete cascade,
  staff_id uuid references staff on delete cascade,
  user_agent text not null default '',
  created_at timestamptz not null,
  seen_at timestamptz not null,
  expires_at timestamptz not null,
  check ((reader_id is null) <> (staff_id is null))
);
create index sessions_reader on sessions (reader_id);
create index sessions_staff on sessions (staff_id);
create index sessions_expiry on sessions (expires_at);

-- Failures of one bucket (a card, an address): they drain with time, so nobody is locked out for good.
create table sign_in_failures (
  bucket bytea primary key,
  level double precision not null,
  updated_at timestamptz not null
);
create index sign_in_failures_age on sign_in_failures (updated_at);

-- Hash chain: each entry's mac covers the one before it. The single head row orders the writers.
create table audit_log (
  seq bigint primary key,
  at timestamptz not null,
  actor_kind text not null check (actor_kind in ('staff', 'reader', 'system')),
  actor_id uuid,
  action text not null,
  subject_kind text not null,
  subject_id text,
  library_id uuid,
  details jsonb not null,
  mac bytea not null
);
create index audit_subject on audit_log (subject_kind, subject_id, seq desc);
create table audit_head (
  singleton boolean primary key default true check (singleton),
  seq bigint not null,
  mac bytea not null
);
insert into audit_head (seq, mac) values (0, '\x');
