-- Addresses and phones that are known to take nothing: a letter came back, a gateway has no such number.
create table refused_addresses (
  channel text not null check (channel in ('email', 'sms')),
  address text not null,
  since timestamptz not null,
  -- Why, as the refusing side's stable code.
  fault text not null,
  message_id uuid references messages on delete set null,
  primary key (channel, address)
);
create index refused_addresses_message on refused_addresses (message_id) where message_id is not null;

-- A mark is about a reader's contact. It goes with it, on whatever way that is replaced or erased.
create function refusal_goes_with_contact() returns trigger language plpgsql as $$
begin
  if old.email is not null then
    delete from refused_addresses a where a.channel = 'email' and a.address = old.email
      and not exists (select from readers r where r.email = old.email);
  end if;
  if old.phone is not null then
    delete from refused_addresses a where a.channel = 'sms' and a.address = old.phone
      and not exists (select from readers r where r.phone = old.phone);
  end if;
  return null;
end $$;
create trigger refusal_goes_with_replaced after update of email, phone on readers for each row
  when (old.email is distinct from new.email or old.phone is distinct from new.phone)
  execute function refusal_goes_with_contact();
create trigger refusal_goes_with_erased after delete on readers for each row
  execute function refusal_goes_with_contact();

-- Mails that the mailbox has held: where each was found, and which handlers have looked at it. Nothing of
-- what stands in them.
create table intake_mails (
  mailbox text not null,
  uid_validity bigint not null,
  uid bigint not null,
  -- SHA-256 of the mail as it came: the same mail in another place is known by it.
  fingerprint bytea,
  -- The handlers to which it says nothing.
  asked text[] not null default '{}',
  taken_by text,
  -- How often looking at it failed.
  failures integer not null default 0,
  seen_at timestamptz not null,
  primary key (mailbox, uid_validity, uid)
);
create index intake_mails_taken on intake_mails (fingerprint) where taken_by is not null;
