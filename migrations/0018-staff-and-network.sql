-- Staff who are invited, come and go; libraries that join and close.
alter table staff
  add column first_signed_in_at timestamptz,
  add column last_signed_in_at timestamptz;
comment on column staff.password_hash is 'Empty until an invitation is accepted.';
update staff s set first_signed_in_at = a.first, last_signed_in_at = a.last
from (
  select subject_id, min(at) as first, max(at) as last from audit_log
  where action = 'sessions.sign-in' and subject_kind = 'staff' group by subject_id
) a
where a.subject_id = s.id::text;

-- Since when somebody works in a library: the first of a library's is the day it was invited.
alter table staff_roles add column since timestamptz not null default now();
update staff_roles r set since = s.created_at from staff s where s.id = r.staff_id;
create index staff_roles_library on staff_roles (library_id);

-- A one-time link with which a staff member chooses a password; a new one takes the place of the one before.
-- What the link carries comes from the id and the installation's key: the database holds its hash only.
create table staff_links (
  staff_id uuid primary key references staff on delete cascade,
  id uuid not null,
  purpose text not null check (purpose in ('invitation', 'reset')),
  token_hash bytea not null unique,
  -- Null: asked for by the person himself, or made on the server's console.
  made_by uuid references staff on delete set null,
  made_at timestamptz not null,
  expires_at timestamptz not null
);
create index staff_links_expiry on staff_links (expires_at);

alter table messages add column staff_id uuid references staff on delete cascade;
create index messages_staff on messages (staff_id, created_at desc) where staff_id is not null;

alter table libraries add column closed_at timestamptz;

-- Letters on paper have texts of their own.
alter table message_texts drop constraint message_texts_channel_check;
alter table message_texts add constraint message_texts_channel_check
  check (channel in ('email', 'sms', 'paper'));
