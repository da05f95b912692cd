-- An outside service without a registration interface: who waits to be registered there, the work lists that
-- go out, messages that wait for the number it gives.

create table provider_lists (
  number integer primary key generated always as identity,
  kind text not null check (kind in ('register', 'close')),
  -- So many rows had it.
  size integer not null check (size > 0),
  made_by uuid not null references staff,
  made_at timestamptz not null
);

-- The way to an account; the account itself is a row of provider_accounts. Whoever is to be closed has a row
-- of provider_closings instead, under the same id.
create table provider_registrations (
  -- The key of its row in work lists.
  id uuid primary key default uuidv7(),
  reader_id uuid not null unique references readers on delete cascade,
  provider text not null,
  state text not null check (state in ('to_register', 'sent', 'failed', 'registered')),
  list integer references provider_lists,
  reason text,
  asked_at timestamptz not null,
  changed_at timestamptz not null,
  check ((state = 'failed') = (reason is not null)),
  check (state <> 'sent' or list is not null)
);
create index provider_registrations_open on provider_registrations (asked_at, id) where state <> 'registered';
create index provider_registrations_list on provider_registrations (list);

-- Numbers that were typed in before.
insert into provider_registrations (reader_id, provider, state, asked_at, changed_at)
  select reader_id, provider, 'registered', created_at, created_at from provider_accounts;

alter table provider_closings add column list integer references provider_lists;

-- Queued, without a job: it goes out once the provider's number is there.
alter table messages add column waits_for text check (waits_for = 'provider');
create index messages_held on messages (reader_id) where waits_for is not null;

-- A region that names a provider has had both.
insert into settings (key, value)
  select 'provider.mode', '"both"' from settings where key = 'provider.name' and value <> '""'
  on conflict (key) do nothing;
