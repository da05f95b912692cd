-- A log of millions is searched by time, by who it was and by what was done; whom it was about has its indexes.
create index audit_time on audit_log (at, seq);
create index audit_actor on audit_log (actor_id, at, seq) where actor_id is not null;
create index audit_action on audit_log (action, at, seq);
