-- A card that nobody has and nobody will get: found damaged, lost in the post. Its number stays given.
alter table cards
  drop constraint cards_state_check,
  add constraint cards_state_check
    check (state in ('made', 'stock', 'written_off', 'issued', 'blocked', 'lost', 'damaged', 'replaced', 'expired')),
  drop constraint cards_issued_check,
  add constraint cards_issued_check
    check (case when state in ('made', 'stock', 'written_off')
      then reader_id is null and issued_at is null and batch_id is not null
      else issued_at is not null end),
  add constraint cards_written_off_check check (state <> 'written_off' or application_id is null);
