-- Accounts to be closed at an outside provider; single devices signed out.

-- A reader has revoked the consent to handing over: his account at the provider is to be closed there.
create table provider_closings (
  id uuid primary key default uuidv7(),
  reader_id uuid not null references readers on delete cascade,
  provider text not null,
  number text not null,
  -- When the account was made.
  created_at timestamptz not null,
  asked_at timestamptz not null,
  closed_by uuid references staff,
  closed_at timestamptz,
  check ((closed_by is null) = (closed_at is null))
);
create index provider_closings_open on provider_closings (asked_at) where closed_at is null;
create index provider_closings_reader on provider_closings (reader_id, asked_at desc);

-- Those who had revoked it before.
with refused as (
  select a.subject_id::uuid as reader_id, max(a.at) as at from audit_log a
  where a.subject_kind = 'reader' and a.action = 'consents.refuse-handover'
    and not exists (select from consents c where c.reader_id = a.subject_id::uuid
      and c.kind = 'handover' and c.revoked_at is null)
  group by a.subject_id
), account as (
  delete from provider_accounts p using refused r where p.reader_id = r.reader_id
  returning p.reader_id, p.provider, p.number, p.created_at, r.at
)
insert into provider_closings (reader_id, provider, number, created_at, asked_at)
  select reader_id, provider, number, created_at, at from account;

-- By which a reader names one of his devices; the token's hash stays inside.
alter table sessions add column id uuid not null default gen_random_uuid() unique;
