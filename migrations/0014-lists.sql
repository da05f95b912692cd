-- Lists: files with questionnaires or with a library's existing readers, taken in row by row.

create table lists (
  id uuid primary key default uuidv7(),
  -- One list per upload form: a second click brings the same one back.
  form_key uuid not null unique,
  content_hash bytea not null,
  kind text not null check (kind in ('questionnaires', 'readers')),
  -- Whose rows they are; null where a column names the library by its code.
  library_id uuid references libraries,
  file_name text not null,
  format text not null check (format in ('xlsx', 'csv', 'iso2709', 'irbis_text')),
  header text[] not null,
  -- What tells files of one layout.
  signature bytea not null,
  -- Which column is which field, from 0.
  mapping jsonb,
  -- What whoever sends it states of all rows: consents, messages.
  terms jsonb,
  state text not null check (state in ('mapping', 'checking', 'checked', 'running', 'stopped', 'done')),
  -- Why it stopped by itself.
  fault text,
  total integer not null check (total >= 0),
  created_by uuid not null references staff,
  created_at timestamptz not null,
  -- Who checks or runs it: the rows are his doing.
  worked_by uuid references staff,
  changed_at timestamptz not null,
  -- Then it goes with all its rows, done or not.
  expires_at timestamptz not null,
  check (state = 'mapping' or (mapping is not null and terms is not null))
);
create index lists_recent on lists (created_at desc, id desc);
create index lists_expiry on lists (expires_at);

create table list_rows (
  list_id uuid not null references lists on delete cascade,
  -- As people count them in the file.
  number integer not null,
  -- The key of its form: one questionnaire per row.
  form_key uuid not null unique default gen_random_uuid(),
  -- As they stand in the file; gone once the row is done.
  cells text[],
  state text not null default 'new' check (state in ('new', 'good', 'faulty', 'asked', 'done', 'same')),
  -- What is wrong: field and code each.
  faults jsonb not null default '[]',
  -- Folded name and birth date, and the card number: to find the same ones within the file.
  person_key text,
  card_number text,
  -- Readers on record who may be this person.
  alike uuid[] not null default '{}',
  -- An operator has seen those and said that this is somebody else.
  another_person boolean not null default false,
  application_id uuid references applications on delete set null,
  reader_id uuid references readers on delete set null,
  primary key (list_id, number),
  check (state not in ('done', 'same') or (cells is null and person_key is null and card_number is null))
);
create index list_rows_state on list_rows (list_id, state, number);
create index list_rows_application on list_rows (application_id) where application_id is not null;
create index list_rows_reader on list_rows (reader_id) where reader_id is not null;

-- The mapping of a layout, for the next file of that library.
create table list_mappings (
  kind text not null,
  library_id uuid references libraries,
  signature bytea not null,
  mapping jsonb not null,
  changed_at timestamptz not null,
  unique nulls not distinct (kind, library_id, signature)
);

-- Which columns somebody's export has had last.
create table export_choices (
  staff_id uuid not null references staff on delete cascade,
  kind text not null check (kind in ('questionnaires', 'readers')),
  choice jsonb not null,
  primary key (staff_id, kind)
);
