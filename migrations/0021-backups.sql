-- What became of each backup that this installation has made, or tried to.
create table backups (
  id uuid primary key default uuidv7(),
  cause text not null check (cause in ('nightly', 'page', 'console')),
  started_at timestamptz not null,
  ended_at timestamptz,
  state text not null check (state in ('running', 'done', 'failed')),
  place text not null,
  -- Why it failed, as a code.
  fault text,
  row_count bigint,
  file_count bigint,
  bytes bigint,
  check ((state = 'running') = (ended_at is null)),
  check ((state = 'failed') = (fault is not null))
);
create index backups_started on backups (started_at desc);
