-- Mails that are larger than mails may be are left to people, too, and shown to them.
alter table intake_mails drop constraint intake_mails_fault_check;
alter table intake_mails
  add constraint intake_mails_fault_check check (fault in ('fetch', 'read', 'move', 'crowd', 'large'));
-- Until now they stayed unseen; they alone were remembered without a hash. They are looked at anew.
update intake_mails set asked = '{}' where fingerprint is null and taken_by is null and failures = 0;
