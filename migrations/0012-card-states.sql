-- Numbers with letters; a card that is kept is in a state of its own; cards that are valid for a time; each
-- library's own bound of a low stock.

alter table cards
  drop constraint cards_number_check,
  drop constraint cards_state_check,
  drop constraint cards_issued_check,
  drop constraint cards_written_off_check;
drop trigger card_number_same on cards;
drop index cards_waiting;

-- Ranges run from the first number to the last: digits, then letters, whatever language the database speaks.
alter table cards alter column number type text collate "C";
alter table cards
  add constraint cards_number_check check (number ~ '^[0-9A-Z]{4,20}$' and number ~ '[0-9]'),
  -- Its last day, in the region's calendar; none: without end.
  add column valid_until date;
create trigger card_number_same before update of number on cards for each row
  when (old.number is distinct from new.number) execute function card_number_stays();

update cards set state = 'reserved' where state = 'stock' and application_id is not null;
-- Up to now `expired` said that the registration which had given the card was taken back.
update cards set state = 'annulled' where state = 'expired';

alter table cards
  add constraint cards_state_check check (state in ('made', 'stock', 'reserved', 'written_off',
    'issued', 'blocked', 'lost', 'damaged', 'replaced', 'annulled')),
  add constraint cards_issued_check
    check (case when state in ('made', 'stock', 'reserved', 'written_off')
      then reader_id is null and issued_at is null and valid_until is null and batch_id is not null
      else issued_at is not null end),
  add constraint cards_kept_check
    check (case when state in ('made', 'stock', 'written_off') then application_id is null
      when state = 'reserved' then application_id is not null
      else true end);
-- What nobody has yet: few, however many cards were ever given.
create index cards_waiting on cards (batch_id) where state in ('made', 'stock', 'reserved');

alter table libraries
  -- With fewer free cards it is to order more; none: the region's bound holds.
  add column low_stock integer check (low_stock between 0 and 1000);
