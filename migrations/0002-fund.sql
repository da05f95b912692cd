-- Catalogue, licences, loans, reading.

create table publications (
  id uuid primary key default uuidv7(),
  title text not null,
  subtitle text,
  authors text[] not null default '{}',
  series text,
  series_number text,
  annotation text,
  language text not null default 'ru',
  publisher text,
  year integer,
  isbn text,
  age_mark integer check (age_mark in (0, 6, 12, 16, 18)),
  has_cover boolean not null default false,
  layout text not null default 'reflowable' check (layout in ('reflowable', 'fixed')),
  added_at timestamptz not null,
  words tsvector not null
);
create index publications_words on publications using gin (words);
create index publications_added on publications (added_at desc, id desc);

create table publication_files (
  id uuid primary key default uuidv7(),
  publication_id uuid not null references publications on delete cascade,
  format text not null check (format in ('epub', 'fb2')),
  -- The file as it came is kept; what is read is an EPUB, which an FB2 is made into.
  purpose text not null check (purpose in ('original', 'reading', 'both')),
  storage_key text not null,
  bytes bigint not null,
  sha256 bytea not null
);
create unique index publication_files_once on publication_files (sha256) where purpose <> 'reading';
create index publication_files_publication on publication_files (publication_id);

create table licences (
  id uuid primary key default uuidv7(),
  publication_id uuid not null references publications on delete cascade,
  kind text not null check (kind in ('open', 'copies')),
  copies integer check (copies > 0),
  added_at timestamptz not null,
  check ((kind = 'copies') = (copies is not null))
);
create index licences_publication on licences (publication_id);

create table loans (
  id uuid primary key default uuidv7(),
  publication_id uuid not null references publications,
  licence_id uuid not null references licences,
  reader_id uuid not null references readers on delete cascade,
  borrowed_at timestamptz not null,
  due_at timestamptz not null,
  ended_at timestamptz,
  end_reason text check (end_reason in ('returned', 'due')),
  check ((ended_at is null) = (end_reason is null))
);
create unique index loans_one_per_reader on loans (reader_id, publication_id) where ended_at is null;
create index loans_out on loans (licence_id) where ended_at is null;
create index loans_reader on loans (reader_id, borrowed_at desc);
create index loans_due on loans (due_at) where ended_at is null;

-- Where a reader is in a publication: kept over loans and devices. `revision` refuses stale writes.
create table reading_positions (
  reader_id uuid not null references readers on delete cascade,
  publication_id uuid not null references publications on delete cascade,
  locator text not null,
  fraction double precision not null check (fraction >= 0 and fraction <= 1),
  revision integer not null,
  saved_at timestamptz not null,
  primary key (reader_id, publication_id)
);
