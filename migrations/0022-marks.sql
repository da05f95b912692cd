-- A library's mark (logo) on its cards and slips: each one that was ever chosen, the newest holds. Small pictures
-- that this system has drawn anew; here, so that a choice and its audit entry are one transaction.
create table marks (
  -- Pages ask for the picture by it; what it names never changes.
  id uuid primary key default uuidv7(),
  version integer not null unique generated always as identity,
  -- Null: the region's, for every library without one of its own.
  library_id uuid references libraries,
  -- All null: none any more.
  png bytea,
  width integer check (width > 0),
  height integer check (height > 0),
  -- What it is seen on: a light ground or a dark one.
  ground text check (ground in ('light', 'dark')),
  created_at timestamptz not null,
  created_by uuid not null references staff,
  check (num_nulls(png, width, height, ground) in (0, 4))
);
create index marks_newest on marks (library_id, version desc);
