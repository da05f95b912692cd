-- What becomes of messages: delivered or not, the other way, the parts that SMS cost.
alter table messages drop constraint messages_state_check;
alter table messages add constraint messages_state_check
  check (state in ('queued', 'sending', 'sent', 'delivered', 'undelivered', 'failed', 'uncertain'));

-- A telling: one event told to one person, by at most one message a channel.
alter table messages add column telling uuid not null default uuidv7();
update messages m set telling = t.telling
from (
  select reader_id, event, created_at, min(id::text)::uuid as telling
  from messages where reader_id is not null and event like 'reader.%'
  group by reader_id, event, created_at having count(*) = count(distinct channel)
) t
where m.reader_id = t.reader_id and m.event = t.event and m.created_at = t.created_at;
alter table messages add constraint messages_once unique (telling, channel);

alter table messages
  -- The message that a person has asked to send once more: once each.
  add column again_of uuid unique references messages on delete set null,
  -- A person has seen that nobody was reached, and has told the reader otherwise.
  add column settled_at timestamptz,
  add column polled_at timestamptz,
  add column polls integer not null default 0,
  -- What an SMS takes of its month's parts; null until it does.
  add column parts integer,
  add column parts_month date;

create index messages_newest on messages (created_at desc, id desc);
create index messages_unreached on messages (created_at)
  where state in ('failed', 'undelivered', 'uncertain') and settled_at is null;

create table sms_usage (
  month date primary key,
  parts integer not null check (parts >= 0)
);
