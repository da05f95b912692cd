-- Which library gave a readable password: it and the operators may have it again, an earlier library may not.
alter table sealed_passwords add column library_id uuid references libraries;
update sealed_passwords s set library_id = r.library_id from readers r where r.id = s.reader_id;
