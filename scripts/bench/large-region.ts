/** Fills a database with a region of full size, by plain SQL: the use cases would take an hour. */
import pg from 'pg'
import { cardNumber } from '../../src/core/cards/cards.ts'
import { hashPassword } from '../../src/core/shared/passwords.ts'
import { weatherChronicle } from '../../src/demo/books/long.ts'

export const readerCount = 100_000
export const titleCount = 100_000
export const readerPassword = 'scratch-password'

/** The card of the n-th reader, from 0; serials far from those that the demonstration gave out. */
export const cardOf = (n: number): string => cardNumber('001', 50_000_000 + n)

const stems =
  'Бел Вар Гол Дан Ев Жук Зим Игн Кар Лук Мор Ник Ор Пет Рог Сав Тит Ус Фил Хом Цвет Чер Шуб Щук Юр Яков'
const links = 'ан ел ат ок ил ар ос'
const endings = 'ов ев ин ский енко ук'
const surnames = product(stems, links, endings)

const dictionary = [...wordsOf(weatherChronicle())]

/** What readers look for: the commonest words, their forms, authors, several words, what there isn't. */
export const searches: readonly string[] = [
  ...dictionary.slice(0, 4),
  `${dictionary[1]} ${dictionary[6]}`,
  dictionary[40] ?? '',
  dictionary.at(-20) ?? '',
  surnames[17] ?? '',
  surnames[500] ?? '',
  `${dictionary[3]} ${surnames[200]}`,
  'облаками',
  'морозный вечер',
  'ежевика',
]

/**
 * The demonstration's libraries must be there; they get the readers.
 * @returns ids of some thousand books that everybody may see
 */
export async function fillLargeRegion(databaseUrl: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    await client.query('select setseed(0.5)')
    await addReaders(client)
    await addTitles(client)
    await addLoans(client)
    await client.query('vacuum analyze')
    const { rows } = await client.query<{ id: string }>(
      'select id from publications where age_mark < 18 order by md5(title) limit 5000',
    )
    return rows.map(({ id }) => id)
  } finally {
    await client.end()
  }
}

async function addReaders(client: pg.Client): Promise<void> {
  await client.query(
    `insert into readers (library_id, full_name, name_key, birth_date, email, phone, password_hash, password_generated,
       first_signed_in_at, created_at, renewed_at)
     select l.ids[1 + n % cardinality(l.ids)], s.names[1 + n % cardinality(s.names)] || ' Анна Петровна', 'bench ' || n,
       date '1940-01-01' + n % 26000, 'reader' || n || '@reader.test', null, $1, false, now(), at, at
     from (select array_agg(id) as ids from libraries) l, (select $2::text[] as names) s, generate_series(0, $3::int - 1) n,
       lateral (select now() - n * interval '1 minute' as at) times`,
    [await hashPassword(readerPassword), surnames, readerCount],
  )
  await client.query(
    `insert into cards (number, reader_id, state, issued_at)
     select c.number, r.id, 'issued', r.created_at
     from unnest($1::text[]) with ordinality as c(number, place) join readers r on r.name_key = 'bench ' || c.place - 1`,
    [Array.from({ length: readerCount }, (_, n) => cardOf(n))],
  )
}

/** A title of three words, an author, an annotation of forty words; common words are common as in a language. */
async function addTitles(client: pg.Client): Promise<void> {
  const place = 'floor(cardinality(d.words) * random() ^ 1.15)::int'
  const word = `d.words[1 + ${place}]`
  await client.query(
    `insert into publications (title, authors, annotation, publisher, year, age_mark, added_at, words)
     select title, array[author], annotation, 'Издательство', 1950 + n % 75, (array[0, 6, 12, 12, 16, 18])[1 + n % 6],
       now() - n * interval '1 minute',
       setweight(to_tsvector('russian', title), 'A') || setweight(to_tsvector('russian', author), 'B') ||
       setweight(to_tsvector('russian', annotation), 'D')
     from (select n, initcap(${word}) || ' ' || ${word} || ' ' || ${word} as title,
         s.names[1 + floor(random() * cardinality(s.names))::int] || ' Пётр' as author,
         (select string_agg(d.words[k - k + 1 + ${place}], ' ') from generate_series(1, 40 + n % 3) k) as annotation
       from (select $1::text[] as words) d, (select $2::text[] as names) s, generate_series(0, $3::int - 1) n) made`,
    [dictionary, surnames, titleCount],
  )
  await client.query(
    `insert into licences (publication_id, kind, copies, added_at)
     select id, case when n % 4 = 0 then 'open' else 'copies' end, case when n % 4 <> 0 then 1 + n % 5 end, added_at
     from (select id, added_at, row_number() over (order by id) as n from publications
       where not exists (select from licences where publication_id = publications.id)) p`,
  )
}

/** Each reader had a book once; each fifth has one now. */
async function addLoans(client: pg.Client): Promise<void> {
  await client.query(
    `insert into loans (publication_id, licence_id, reader_id, borrowed_at, due_at, ended_at, end_reason)
     select l.publication_id, l.id, r.id, at, at + interval '14 days',
       case when not running then at + interval '7 days' end, case when not running then 'returned' end
     from (select id, row_number() over (order by id) as n from readers where name_key like 'bench %') r
       join (select id, publication_id, row_number() over (order by id) as n from licences) l using (n),
       (values (now() - interval '60 days', false), (now() - interval '2 days', true)) as times(at, running)
     where not running or n % 5 = 0`,
  )
}

/** Distinct words of a text in their order of frequency, the commonest first; four letters and more. */
function wordsOf(text: ReturnType<typeof weatherChronicle>): Set<string> {
  const counts = new Map<string, number>()
  for (const block of text.chapters.flatMap((chapter) => chapter.blocks)) {
    for (const [word] of 'text' in block ? block.text.toLowerCase().matchAll(/[а-яё]{4,}/g) : [])
      counts.set(word, (counts.get(word) ?? 0) + 1)
  }
  return new Set([...counts].toSorted(([, a], [, b]) => b - a).map(([word]) => word.replaceAll('ё', 'е')))
}

function product(...lists: string[]): string[] {
  const parts = lists.map((list) => list.split(' '))
  return parts.reduce((made, next) => made.flatMap((head) => next.map((tail) => head + tail)))
}
