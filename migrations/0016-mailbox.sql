-- A mail at which something fails is tried again, with growing pauses; then it is left to people, and shown to them.
alter table intake_mails
  add column id uuid not null default uuidv7(),
  -- What failed at last: it couldn't be fetched, read, moved; or too many letters wait already.
  add column fault text check (fault in ('fetch', 'read', 'move', 'crowd')),
  add column failed_at timestamptz,
  -- It isn't looked at before.
  add column try_after timestamptz,
  add column given_up_at timestamptz;
update intake_mails set fault = 'read', failed_at = seen_at, given_up_at = seen_at
  where failures >= 5 and taken_by is null;
create unique index intake_mails_id on intake_mails (id);
create index intake_mails_given_up on intake_mails (given_up_at) where given_up_at is not null;

-- When a letter's library was asked to confirm it: at once, or when somebody had said whose it is.
alter table mailed_letters add column asked_at timestamptz;
update mailed_letters set asked_at = coalesce(decided_at, received_at) where library_id is not null;
