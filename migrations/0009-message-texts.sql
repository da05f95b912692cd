-- The texts of messages as a region has them, and the language that a reader is written to in.
create table message_texts (
  event text not null,
  channel text not null check (channel in ('email', 'sms')),
  language text not null check (language in ('ru', 'en')),
  version integer not null check (version > 0),
  -- Both null: back to the built-in text.
  subject text,
  body text,
  created_at timestamptz not null,
  created_by uuid references staff,
  primary key (event, channel, language, version),
  check ((subject is null) = (body is null))
);

alter table readers add column language text not null default 'ru' check (language in ('ru', 'en'));
