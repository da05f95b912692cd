-- Under which key the log goes on, and everything is sealed: its fingerprint. Null until the next start, which
-- writes its own. A process that has another key changes nothing.
alter table audit_head add column key text;

-- What is left of keys that were changed for new ones: what checks the log up to there. Sealed under the key in force.
create table retired_keys (
  id uuid primary key default uuidv7(),
  sealed bytea not null
);
