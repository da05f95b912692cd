import { describe, expect, it } from 'vitest'
import { authservId, proven, rawMail } from '../../../tests/support/letters.ts'
import { authorise } from '../staff/actors.ts'
import {
  answers,
  app,
  bui,
  confirm,
  drafts,
  galich,
  handler,
  letters,
  network,
  operator,
  parsed,
  reading,
  receive,
  receiveLarge,
  useLetters,
} from './letters.fixtures.ts'

useLetters()

describe('a letter whose sender isn’t sure', () => {
  const forged = `Authentication-Results: ${authservId}; dmarc=fail header.from=library.test\n${proven(bui)}`
  it.each([
    ['from a stranger', { from: 'reader@mail.test' }, 'unknown_sender'],
    ['without the server’s word', { from: bui, trusted: '' }, 'not_authenticated'],
    [
      'with another server’s word',
      { from: bui, trusted: 'Authentication-Results: mx.evil.test; dmarc=pass' },
      'not_authenticated',
    ],
    ['with a forged word below the server’s', { from: bui, trusted: forged }, 'not_authenticated'],
  ] as const)('%s waits for an operator, unanswered and unseen by libraries', async (_, mail, doubt) => {
    expect(await receive(mail)).toBe('taken')
    expect(await letters()).toMatchObject([{ state: 'waiting', doubt, library_id: null }])
    expect(await answers()).toEqual([])
    expect((await app.letters.list(reading())).letters).toEqual([])
    expect(await app.letters.count(authorise(network.operator, 'letters.read'))).toEqual({
      open: 0,
      waiting: 1,
      ending: 0,
    })
  })

  it('is given to a library by an operator; then it is that library’s, which is told at its own address', async () => {
    await receive({ from: 'teacher@school.test' })
    const [letter] = await letters()
    const id = letter?.id ?? ''
    await app.letters.accept(operator(), id, { libraryId: network.bui })
    expect(await letters()).toMatchObject([{ state: 'open', library_id: network.bui, sure: 1 }])
    expect(await answers()).toMatchObject([{ event: 'library.letter-received', recipient: bui }])
    await expect(app.letters.accept(operator(), id, { libraryId: network.galich })).rejects.toThrow(
      'letters.decided',
    )
    expect(await confirm(id)).toEqual({ sent: 1, left: [] })
  })

  it('is dismissed with a reason: its questionnaires go, nobody is told', async () => {
    await receive({ from: 'teacher@school.test' })
    const [letter] = await letters()
    await app.letters.dismiss(operator(), letter?.id ?? '', { reason: 'Реклама' })
    expect([await drafts(), await answers()]).toEqual([[], []])
    expect(await letters()).toMatchObject([{ state: 'dismissed', dismiss_reason: 'Реклама' }])
  })

  it('goes on by itself when the same letter comes with its proof; the library is told in that one’s thread', async () => {
    await receive({ from: bui, trusted: '', messageId: '<first@mail.test>' })
    app.setTime('2026-11-24T10:00:00Z')
    expect(await receive({ from: bui, messageId: '<second@mail.test>' })).toBe('taken')
    const [letter, another] = await letters()
    expect(another).toBeUndefined()
    expect(letter).toMatchObject({
      state: 'open',
      library_id: network.bui,
      sure: 1,
      message_id: '<second@mail.test>',
      asked_at: app.clock(),
    })
    expect(await answers()).toMatchObject([{ event: 'library.letter-received', recipient: bui }])
    expect(await confirm(letter?.id ?? '')).toEqual({ sent: 1, left: [] })
  })

  it('comes once more unproven: it goes on waiting', async () => {
    for (const _time of ['first', 'second']) await receive({ from: bui, trusted: '' })
    expect(await letters()).toMatchObject([{ state: 'waiting' }])
  })

  const strangers = (count: number, from: (index: number) => string) =>
    app.db
      .insertInto('mailed_letters')
      .values(
        Array.from({ length: count }, (_, index) => ({
          state: 'waiting',
          doubt: 'unknown_sender',
          sender: from(index),
          subject: '',
          message_id: '',
          reference_ids: [],
          fingerprint: Buffer.from(String(index)),
          received_at: app.clock(),
          expires_at: new Date('2026-12-24'),
          found: 1,
          sure: 0,
          body: '',
          parts: '[]',
          faults: '[]',
        })),
      )
      .execute()

  it('stays in the mailbox while twenty of its sender’s came within a day, decided or not', async () => {
    await strangers(20, () => 'reader@mail.test')
    await app.db.updateTable('mailed_letters').set({ state: 'dismissed' }).execute()
    expect(await receive({ from: 'reader@mail.test' })).toBe('no room')
    expect(await receive({ from: 'another@mail.test' })).toBe('taken')
    expect(await receive({ from: bui })).toBe('taken')
    expect(await receive({ from: 'reader@mail.test', text: 'Здравствуйте!', subject: 'Привет' })).toBe(
      'not mine',
    )
    app.setTime('2026-11-25T09:00:01Z')
    expect(await receive({ from: 'reader@mail.test' })).toBe('taken')
  })

  it('stays in the mailbox while three hundred wait', async () => {
    await strangers(300, (index) => `reader${index}@mail.test`)
    expect(await receive({ from: 'another@mail.test' })).toBe('no room')
    expect(await receive({ from: bui })).toBe('taken')
    await app.db
      .updateTable('mailed_letters')
      .set({ state: 'dismissed' })
      .where('sender', '=', 'reader7@mail.test')
      .execute()
    expect(await receive({ from: 'another@mail.test' })).toBe('taken')
  })

  it('is told of on the operators’ desk in its last week', async () => {
    await receive({ from: 'reader@mail.test' })
    const desk = authorise(network.operator, 'letters.read')
    app.setTime('2026-12-17T08:59:59Z')
    expect([
      (await app.letters.count(desk)).ending,
      (await app.letters.list(desk)).letters[0]?.ending,
    ]).toEqual([0, false])
    app.setTime('2026-12-17T09:00:00Z')
    expect([
      (await app.letters.count(desk)).ending,
      (await app.letters.list(desk)).letters[0]?.ending,
    ]).toEqual([1, true])
  })

  it('of an address that two libraries have registered waits', async () => {
    await app.db.updateTable('libraries').set({ email: bui }).where('id', '=', network.galich).execute()
    await receive({ from: bui })
    expect(await letters()).toMatchObject([{ state: 'waiting', doubt: 'several_libraries' }])
    await app.db.updateTable('libraries').set({ email: galich }).where('id', '=', network.galich).execute()
  })
})

describe('a mail without questionnaires', () => {
  it('of a library that meant to send some is answered once and stays in the inbox', async () => {
    const mail = { from: bui, text: 'Высылаю анкеты', messageId: '<x@mail.test>' }
    expect(await receive(mail)).toBe('noted')
    expect(await receive(mail)).toBe('noted')
    expect(await letters()).toMatchObject([{ state: 'unreadable', library_id: network.bui, found: 0 }])
    expect(await answers()).toMatchObject([{ event: 'library.letter-unreadable', recipient: bui }])
  })

  it('with a scan is answered too', async () => {
    const content = Buffer.from('89504e470d0a1a0a', 'hex')
    const files = [{ name: 'scan.png', contentType: 'image/png', content }]
    expect(await receive({ from: bui, text: 'Здравствуйте!', subject: 'Письмо', files })).toBe('noted')
    expect(await answers()).toHaveLength(1)
  })

  it.each([
    ['a stranger’s', { from: 'reader@mail.test', text: 'Пришлите анкету' }],
    ['unproven', { from: bui, text: 'Пришлите анкету', trusted: '' }],
    ['about something else', { from: bui, text: 'С Новым годом!', subject: 'Поздравление' }],
    [
      'an answer to ours',
      {
        from: bui,
        text: 'Спасибо за анкеты!',
        head: 'In-Reply-To: <01900000-0000-7000-8000-000000000000@library.test>',
      },
    ],
  ])('%s stays where it is, unanswered', async (_, mail) => {
    expect(await receive(mail)).toBe('not mine')
    expect([await letters(), await answers()]).toEqual([[], []])
  })

  it('that was not read in time isn’t taken for one: it is looked at again', async () => {
    const busy = handler(async () => ({ questionnaires: [], faults: [{ part: '', code: 'too_slow' }] }))
    const mail = await parsed(rawMail({ from: bui }))
    await expect(busy.prepare?.(mail)).rejects.toThrow('in time')
    expect(await receive({ from: bui })).toBe('taken')
  })

  it('is read for ten seconds at most, unless its header says for sure that a library sent it', async () => {
    const limits: (number | undefined)[] = []
    const noting = handler(async (_letter, _today, limit) => {
      limits.push(limit)
      return { questionnaires: [], faults: [] }
    })
    for (const head of [{ from: bui }, { from: bui, trusted: '' }, { from: 'reader@mail.test' }])
      await noting.prepare?.(await parsed(rawMail(head)))
    expect(limits).toEqual([undefined, 10_000, 10_000])
  })

  it('is answered five times a day at most', async () => {
    for (let turn = 0; turn < 8; turn += 1) await receive({ from: bui, text: `Анкета ${turn}` })
    expect(await answers()).toHaveLength(5)
  })
})

describe('a mail that is too large', () => {
  it('of a library is answered once, with the form; its own bytes stay in the mailbox alone', async () => {
    const mail = { from: bui, messageId: '<large@mail.test>', subject: 'Фотографии' }
    expect(await receiveLarge(mail)).toBe('noted')
    expect(await receiveLarge(mail)).toBe('noted')
    const [letter] = await letters()
    expect(letter).toMatchObject({ state: 'unreadable', library_id: network.bui, original: null, body: '' })
    expect(await answers()).toEqual([
      { event: 'library.letter-too-large', recipient: bui, letter_id: letter?.id },
    ])
    const opened = await app.letters.open(reading(), letter?.id ?? '')
    expect(opened).toMatchObject({ kept: false, faults: [{ part: '', code: 'too_large' }] })
  })

  it('is another one when another came', async () => {
    await receiveLarge({ from: bui })
    await receiveLarge({ from: bui })
    expect(await answers()).toHaveLength(2)
  })

  it.each([
    ['a stranger’s', { from: 'reader@mail.test' }],
    ['unproven', { from: bui, trusted: '' }],
    ['a machine’s', { from: bui, head: 'Auto-Submitted: auto-replied' }],
    ['a list’s', { from: bui, head: 'Precedence: bulk' }],
  ])('%s is answered by nobody', async (_, mail) => {
    expect(await receiveLarge(mail)).toBe('not mine')
    expect([await letters(), await answers()]).toEqual([[], []])
  })
})

describe('a machine’s mail', () => {
  it.each([
    'Auto-Submitted: auto-replied',
    'Auto-Submitted: auto-generated (vacation)',
    'Return-Path: <>',
    'X-Autoreply: yes',
  ])('%s is neither taken nor answered', async (head) => {
    expect(await receive({ from: bui, head })).toBe('not mine')
    expect(await answers()).toEqual([])
  })

  it.each(['Precedence: bulk', 'List-Id: <books.library.test>', 'X-Auto-Response-Suppress: All'])(
    '%s is never answered, but its questionnaires are kept',
    async (head) => {
      expect(await receive({ from: bui, head })).toBe('taken')
      expect([(await drafts()).length, (await answers()).length]).toEqual([1, 0])
    },
  )

  it('that says so in its subject alone is never answered either', async () => {
    const subject = 'Автоматический ответ: Анкета'
    expect(await receive({ from: bui, subject })).toBe('taken')
    expect([(await drafts()).length, (await answers()).length]).toEqual([1, 0])
    expect(await receive({ from: bui, subject, text: 'Я в отпуске, анкету пришлю позже' })).toBe('not mine')
  })

  it('from our own address is left alone', async () => {
    expect(await receive({ from: 'Books@library.test' })).toBe('not mine')
  })
})
