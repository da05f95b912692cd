-- Cards printed beforehand: batches, each library's stock, orders; numbers of any scheme.

-- A library asks the central one for more cards.
create table card_orders (
  id uuid primary key default uuidv7(),
  library_id uuid not null references libraries,
  count integer not null check (count between 1 and 5000),
  note text not null default '',
  ordered_by uuid not null references staff,
  ordered_at timestamptz not null,
  -- A batch was made for it, or it was called off.
  closed_by uuid references staff,
  closed_at timestamptz,
  check ((closed_by is null) = (closed_at is null))
);
-- A second click or a second librarian doesn't order twice.
create unique index card_orders_open on card_orders (library_id) where closed_at is null;

create table card_batches (
  id uuid primary key default uuidv7(),
  -- One batch per form: a second click makes no second one.
  form_key uuid not null unique,
  library_id uuid not null references libraries,
  -- Made for the press, or a range of cards that the library had already.
  origin text not null check (origin in ('made', 'taken_over')),
  count integer not null check (count between 1 and 10000),
  first_number text not null,
  last_number text not null,
  order_id uuid unique references card_orders,
  made_by uuid not null references staff,
  made_at timestamptz not null,
  sent_by uuid references staff,
  sent_at timestamptz,
  check ((sent_by is null) = (sent_at is null))
);
create index card_batches_library on card_batches (library_id, made_at desc);

alter table cards
  -- Whatever scheme a region has, or had before.
  drop constraint cards_number_check,
  add constraint cards_number_check check (number ~ '^[0-9]{4,20}$'),
  -- `made`: printed or about to be, not at the library yet; `stock`: the library has it, nobody's.
  drop constraint cards_state_check,
  add constraint cards_state_check
    check (state in ('made', 'stock', 'issued', 'blocked', 'lost', 'damaged', 'replaced', 'expired')),
  alter column issued_at drop not null,
  add column batch_id uuid references card_batches,
  -- The questionnaire that it is kept for, or went out with.
  add column application_id uuid unique references applications on delete set null,
  add constraint cards_issued_check
    check (case when state in ('made', 'stock') then reader_id is null and issued_at is null and batch_id is not null
      else issued_at is not null end);
create index cards_batch on cards (batch_id, number) where batch_id is not null;

-- A number is never given twice, so it never leaves and never changes.
create function card_number_stays() returns trigger language plpgsql as $$
begin
  raise exception 'a card number stays for ever';
end $$;
create trigger card_number_stays before delete on cards for each row execute function card_number_stays();
create trigger card_number_same before update of number on cards for each row
  when (old.number is distinct from new.number) execute function card_number_stays();
-- What nobody has yet: few, however many cards were ever given.
create index cards_waiting on cards (batch_id) where state in ('made', 'stock');
