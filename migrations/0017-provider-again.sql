-- Merges of records keep what they did to the ways to an outside service, not only that they did something.
-- Accounts have had their registration since 0015.
update reader_merges m
  set moved = jsonb_set(moved, '{provider}', jsonb_build_object('aside', null, 'moved', case
    when moved->'provider' = 'true' then (
      select jsonb_build_object('id', p.id, 'state', p.state) from provider_registrations p
      where p.reader_id = m.kept_id)
    end))
  where moved ? 'provider';

-- Workbooks of before 2007.
alter table lists drop constraint lists_format_check;
alter table lists add constraint lists_format_check
  check (format in ('xlsx', 'xls', 'csv', 'iso2709', 'irbis_text'));
