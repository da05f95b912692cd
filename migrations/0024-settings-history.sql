-- Who changed which setting of the region, from what to what; and how the last test message went.

create table setting_changes (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  staff_id uuid not null references staff,
  key text not null,
  was jsonb not null,
  became jsonb not null
);

create table channel_tests (
  channel text primary key check (channel in ('email', 'sms')),
  at timestamptz not null,
  -- Empty: it was handed over.
  fault text
);
