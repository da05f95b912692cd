-- Each running process. One that ends in order takes its row along; one that is killed leaves it.
create table processes (
  id uuid primary key,
  role text not null check (role in ('all', 'web', 'worker')),
  -- It works the queue; it has a mailbox to read.
  works boolean not null,
  reads_mail boolean not null,
  -- Both by the database's clock: processes are told apart by one.
  started_at timestamptz not null,
  seen_at timestamptz not null,
  -- How far its clock is ahead of the database's, in milliseconds.
  clock_ahead bigint not null
);

-- When something that happens again and again happened last, by the database's clock.
create table signs (
  -- queue: a job went through it; mailbox: it was looked through; audit: the log goes on from its head outside.
  name text primary key check (name in ('queue', 'mailbox', 'audit')),
  at timestamptz not null
);

-- The last look at the certificate of the system's own address.
create table certificate_check (
  singleton boolean primary key default true check (singleton),
  at timestamptz not null,
  origin text not null,
  -- Null when nothing answered.
  valid_until timestamptz,
  -- Why browsers don't trust it, or why it couldn't be seen.
  fault text
);

-- What is wrong at the moment, and since when it has been seen.
create table findings (
  code text primary key,
  since timestamptz not null
);

create index messages_sent on messages (channel, sent_at desc) where sent_at is not null;
create index messages_open on messages (channel, created_at) where state in ('queued', 'sending');
