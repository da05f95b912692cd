import { randomUUID } from 'node:crypto'
import type { Asked } from '../support/http.ts'
import { block, drawn } from '../support/marks.ts'
import type { Actor, ReaderName, Region } from '../support/region.ts'
import {
  chapter,
  chapterText,
  forgedActors,
  libraryOf,
  names,
  newBook,
  readerActors,
  staffActors,
  titles,
} from '../support/region.ts'
import { createSoftPasskey } from '../support/soft-passkey.ts'
import { demoPassword } from '../support/steps.ts'
import { staffAccess } from './access-staff.table.ts'

/** One thing that may be asked for, and by whom. Whoever isn't named is refused. */
export interface Attempt {
  about: string
  /** A request that is in order, so that nothing but authorisation can refuse it. */
  ask: (region: Region, actor: Actor) => Asked | Promise<Asked>
  /** Who gets it. */
  for: readonly Actor[]
  /** Who gets the page, but without what it `shows` to others. */
  without?: readonly Actor[]
  /** What nobody else may see, in pages and in their data. */
  shows?: string | ((region: Region) => string)
  /** The same where only the page has it. */
  showsOnPage?: string
  /** Where it leads, when that is no page of the asker's own. */
  to?: string
  /** Undoes what others would miss, once somebody was let through. */
  after?: (region: Region, actor: Actor) => Promise<void>
  /** It ends the session, so it gets one of its own. */
  endsSession?: true
}

const chosenPassword = 'Сирень у крыльца'

/** Stands in every list of Буй's. */
const listedName = 'Перечислова Инна Львовна'

/** The text of an SMS with a code. */
const codeText = '/staff/settings/messages/texts/sms/ru/reader.code'

const newMark = async () => new Uint8Array(await drawn(block('#123')).png().toBuffer())

const nobody: Actor[] = []
const staff: Actor[] = [...staffActors]
const readers: Actor[] = [...readerActors]
const forged: Actor[] = [...forgedActors]
const everybody: Actor[] = ['stranger', ...staff, ...readers, ...forged]
const adults: Actor[] = ['owner', 'reader2']
/** To readers' pages staff are visitors: their session counts on their own pages only. */
const visitors: Actor[] = ['stranger', ...staff, ...forged]
const allBut = (...left: Actor[]): Actor[] => everybody.filter((actor) => !left.includes(actor))

const toAll = (about: string, asked: Asked, more: Partial<Attempt> = {}): Attempt => ({
  about,
  ask: () => asked,
  for: everybody,
  ...more,
})

/** An action of the own page, shortly after the password was typed; what it has left behind goes. */
const ownAction = (
  name: string,
  form: (region: Region, actor: Actor) => Record<string, string> | Promise<Record<string, string>>,
): Attempt => ({
  about: 'the own sign-in',
  ask: async (region, actor) => {
    await region.withoutFactors()
    return { path: `/staff/profile?/${name}`, form: await form(region, actor) }
  },
  for: staff,
  after: (region) => region.withoutFactors(),
})

/** A list that shows books by age, as the catalogue and the search do. */
const booksByAge = (path: string): Attempt[] => [
  {
    about: 'a book for 12+',
    ask: () => ({ path }),
    shows: titles.twelve,
    for: [...visitors, ...adults],
    without: ['child'],
  },
  {
    about: 'a book for 18+',
    ask: () => ({ path }),
    shows: titles.adults,
    for: adults,
    without: allBut(...adults),
  },
  {
    about: 'a book without a mark',
    ask: () => ({ path }),
    shows: titles.unmarked,
    for: adults,
    without: allBut(...adults),
  },
  {
    about: 'a book without a licence',
    ask: () => ({ path }),
    shows: titles.unlicensed,
    for: nobody,
    without: everybody,
  },
]

/**
 * Who may do what, by hand: the role table of the design, the age marks, one's own things. The keys are
 * those of the build's manifest; whoever adds a route or an action decides here.
 */
export const access: Record<string, Attempt[]> = {
  ...staffAccess(everybody),

  // Open to everybody.
  '/healthz GET': [toAll('the process', { path: '/healthz' })],
  '/readyz GET': [toAll('the parts', { path: '/readyz' })],
  // To whoever sits at this computer; `metrics-access.test.ts` has the others.
  '/metrics GET': [toAll('counts without a person', { path: '/metrics' })],
  '/(reader)/help page': [toAll('the instructions', { path: '/help' })],
  '/(reader)/forms page': [toAll('the choice of a form', { path: '/forms' })],
  '/(reader)/forms/file GET': [
    {
      about: 'Буй’s empty form',
      ask: ({ libraries }) => ({ path: `/forms/file?library=${libraries.librarian}&format=odt` }),
      shows: 'opendocument',
      for: everybody,
    },
  ],
  '/(reader)/forms/consent GET': [
    {
      about: 'Буй’s empty consent',
      ask: ({ libraries }) => ({ path: `/forms/consent?library=${libraries.librarian}` }),
      shows: 'application/pdf',
      for: everybody,
    },
  ],
  '/language POST': [toAll('a language', { path: '/language', form: { language: 'en', from: '/' } })],
  '/demo/outbox page': [toAll('the demonstration’s outbox', { path: '/demo/outbox' })],
  '/demo/outbox GET': [
    toAll('the demonstration’s outbox', { path: '/demo/outbox', accept: 'application/json' }),
  ],

  // Coming and going.
  '/(reader)/sign-in page': [toAll('the form', { path: '/sign-in' })],
  '/(reader)/sign-in ?/default': [
    {
      about: 'a card and its password',
      ask: (region) => {
        const { number, password } = region.cardOf('owner')
        return { path: '/sign-in', form: { cardNumber: number, password } }
      },
      for: everybody,
    },
  ],
  // A forgotten password: the answer is the same to everybody, whether there is such a card or not.
  '/(reader)/recover page': [toAll('the form', { path: '/recover' })],
  '/(reader)/recover ?/send': [
    {
      about: 'a code for some card',
      ask: () => ({
        path: '/recover?/send',
        form: { cardNumber: String(Math.floor(Math.random() * 1e12)), channel: 'sms' },
      }),
      for: everybody,
    },
  ],
  '/(reader)/recover ?/choose': [
    {
      about: 'a new password with the code',
      ask: async ({ recovery }) => ({ path: '/recover?/choose', form: await recovery() }),
      for: everybody,
      to: '/sign-in?recovered',
    },
  ],
  '/sign-out POST': [
    toAll('the own session', { path: '/sign-out', form: {} }, { to: '/', endsSession: true }),
  ],
  '/staff/sign-in page': [toAll('the form', { path: '/staff/sign-in' })],
  '/staff/sign-in ?/default': [
    toAll('a staff member’s password', {
      path: '/staff/sign-in',
      form: { email: 'librarian@demo.test', password: demoPassword },
    }),
  ],
  // After a session has ended: what was typed elsewhere comes along and goes on from here.
  '/staff/sign-in/again page': [
    toAll('the form', { path: '/staff/sign-in/again' }, { to: '/staff/sign-in' }),
  ],
  '/staff/sign-in/again ?/default': [
    toAll('a staff member’s password', {
      path: '/staff/sign-in/again?next=%2Fstaff%2Fapplications%2Fnew',
      form: { staffEmail: 'librarian@demo.test', staffPassword: demoPassword, fullName: 'Иванов' },
    }),
  ],
  // The second step: nobody here has taken the first.
  '/staff/sign-in/second page': [
    toAll('no first step', { path: '/staff/sign-in/second' }, { to: '/staff/sign-in' }),
  ],
  '/staff/sign-in/second ?/carry': [
    {
      about: 'a form on its way, without a first step',
      ask: () => ({ path: '/staff/sign-in/second?/carry&carry', form: { fullName: 'Иванов' } }),
      for: nobody,
    },
  ],
  '/staff/sign-in/second ?/code': [
    {
      about: 'a code without a first step',
      ask: () => ({ path: '/staff/sign-in/second?/code', form: { staffCode: '123456' } }),
      for: nobody,
    },
  ],
  '/staff/sign-in/second ?/passkey': [
    {
      about: 'a passkey that nobody has',
      ask: ({ origin }) => ({
        path: '/staff/sign-in/second?/passkey',
        form: { staffPasskey: createSoftPasskey(origin).use({ challenge: 'made-up' }) },
      }),
      for: nobody,
    },
  ],
  '/staff/sign-in/second/options POST': [
    toAll('what a passkey is to sign', { method: 'POST', path: '/staff/sign-in/second/options' }),
  ],
  '/staff/sign-out POST': [
    toAll(
      'the own session',
      { path: '/staff/sign-out', form: {} },
      { to: '/staff/sign-in', endsSession: true },
    ),
  ],

  // Signing up from home: anybody's, and nobody sees anything without the code.
  '/(reader)/join page': [toAll('the form', { path: '/join' })],
  '/(reader)/join ?/default': [
    {
      about: 'a questionnaire from home',
      ask: ({ homeForm }) => ({ path: '/join', form: homeForm() }),
      for: everybody,
      to: '/join/done',
    },
  ],
  '/(reader)/join/done page': [toAll('no code on this device', { path: '/join/done' })],
  '/(reader)/join/done ?/default': [toAll('the code off the screen', { path: '/join/done', form: {} })],
  '/(reader)/join/withdraw page': [toAll('the form', { path: '/join/withdraw' })],
  '/(reader)/join/withdraw ?/default': [
    {
      about: 'a questionnaire from home, by its code',
      ask: async ({ homeCode }) => ({ path: '/join/withdraw', form: { code: await homeCode() } }),
      for: everybody,
    },
  ],

  // The set-up page asks for the key of its link; no role opens it.
  '/staff/setup page': [
    { about: 'a made-up key', ask: () => ({ path: '/staff/setup?key=00' }), for: nobody },
  ],
  '/staff/setup ?/default': [
    {
      about: 'a made-up key',
      ask: () => ({
        path: '/staff/setup?key=00',
        form: {
          regionName: 'Чужая область',
          timeZone: 'Europe/Moscow',
          libraryName: 'Чужая библиотека',
          libraryAddress: '',
          libraryPhone: '',
          libraryEmail: '',
          fullName: 'Чужак',
          email: 'stranger@demo.test',
          password: 'a long enough password',
        },
      }),
      for: nobody,
    },
  ],

  '/staff/setup/libraries page': [
    {
      about: 'the list of libraries',
      ask: () => ({ path: '/staff/setup/libraries' }),
      showsOnPage: 'districts-hint',
      for: ['admin'],
    },
  ],
  '/staff/setup/libraries ?/default': [
    {
      about: 'a new library',
      ask: () => ({
        path: '/staff/setup/libraries',
        form: { districts: `Библиотека ${randomUUID()}` },
        upload: { field: 'file', name: '', bytes: new Uint8Array() },
      }),
      for: ['admin'],
    },
  ],
  '/staff/setup/messages page': [
    {
      about: 'how messages go out',
      ask: () => ({ path: '/staff/setup/messages' }),
      showsOnPage: '?/email',
      for: ['admin'],
    },
  ],
  '/staff/setup/messages ?/email': [
    {
      about: 'a test by e-mail',
      ask: () => ({ path: '/staff/setup/messages?/email', form: { email: 'admin@demo.test' } }),
      for: ['admin'],
    },
  ],
  '/staff/setup/messages ?/sms': [
    {
      about: 'a test by SMS',
      ask: () => ({ path: '/staff/setup/messages?/sms', form: { phone: '+79101112233' } }),
      for: ['admin'],
    },
  ],
  '/staff/settings page': [
    {
      about: 'all settings',
      ask: () => ({ path: '/staff/settings' }),
      shows: 'undoSeconds',
      for: ['admin'],
    },
  ],
  '/staff/settings ?/default': [
    {
      about: 'the region’s days and limits',
      ask: () => ({
        path: '/staff/settings',
        form: {
          regionName: 'Костромская область (демонстрация)',
          timeZone: 'Europe/Moscow',
          undoSeconds: '20',
          hoursLimit: '48',
          loanDays: '14',
          loansMost: '5',
        },
      }),
      for: ['admin'],
    },
  ],

  // The readers' catalogue, by age.
  '/(reader) page': booksByAge('/'),
  '/(reader)/search page': booksByAge(`/search?q=${encodeURIComponent('доступная')}`),
  '/(reader)/books/[id=uuid] page': [
    {
      about: 'a book for 12+',
      ask: ({ books }) => ({ path: `/books/${books.twelve}` }),
      shows: titles.twelve,
      for: [...visitors, ...adults],
    },
    {
      about: 'a book for 18+',
      ask: ({ books }) => ({ path: `/books/${books.adults}` }),
      shows: titles.adults,
      for: adults,
    },
    {
      about: 'a book without a mark',
      ask: ({ books }) => ({ path: `/books/${books.unmarked}` }),
      shows: titles.unmarked,
      for: adults,
    },
    {
      about: 'a book without a licence',
      ask: ({ books }) => ({ path: `/books/${books.unlicensed}` }),
      shows: titles.unlicensed,
      for: everybody,
    },
  ],
  '/covers/[id=uuid] GET': [
    {
      about: 'a cover for 12+',
      ask: ({ books }) => ({ path: `/covers/${books.twelve}` }),
      shows: 'image/webp',
      for: [...visitors, ...adults],
    },
    {
      about: 'a cover for 18+',
      ask: ({ books }) => ({ path: `/covers/${books.adults}` }),
      shows: 'image/webp',
      for: adults,
    },
    {
      about: 'a large cover for 18+',
      ask: ({ books }) => ({ path: `/covers/${books.adults}?w=480` }),
      shows: 'image/webp',
      for: adults,
    },
    {
      about: 'a cover without a mark',
      ask: ({ books }) => ({ path: `/covers/${books.unmarked}` }),
      shows: 'image/webp',
      for: adults,
    },
  ],
  '/(reader)/books/[id=uuid] ?/borrow': [
    {
      about: 'a book for everybody',
      ask: ({ books }) => ({ path: `/books/${books.everybody}?/borrow`, form: {} }),
      for: readers,
    },
    {
      about: 'a book for 12+',
      ask: ({ books }) => ({ path: `/books/${books.twelve}?/borrow`, form: {} }),
      for: adults,
    },
    {
      about: 'a book for 18+',
      ask: ({ books }) => ({ path: `/books/${books.adults}?/borrow`, form: {} }),
      for: adults,
    },
    {
      about: 'a book without a mark',
      ask: ({ books }) => ({ path: `/books/${books.unmarked}?/borrow`, form: {} }),
      for: adults,
    },
  ],

  // What a reader has on loan is that reader's own.
  '/(reader)/shelf page': [
    {
      about: 'the owner’s loan',
      ask: () => ({ path: '/shelf' }),
      shows: ({ loans }) => loans.owners,
      for: ['owner'],
      without: ['reader2', 'child'],
    },
  ],
  '/(reader)/shelf ?/giveBack': [
    {
      about: 'the owner’s loan',
      ask: async ({ loan }) => ({
        path: '/shelf?/giveBack',
        form: { loan: await loan('owner', 'everybody') },
      }),
      for: ['owner'],
    },
  ],
  '/(reader)/books/[id=uuid] ?/giveBack': [
    {
      about: 'the owner’s loan',
      ask: async ({ loan, books }) => ({
        path: `/books/${books.everybody}?/giveBack`,
        form: { loan: await loan('owner', 'everybody') },
      }),
      for: ['owner'],
    },
  ],
  '/read/[loan=uuid] page': [
    {
      about: 'the owner’s loan',
      ask: ({ loans }) => ({ path: `/read/${loans.owners}` }),
      shows: titles.twelve,
      for: ['owner'],
    },
    {
      about: 'a loan that has ended',
      ask: ({ loans }) => ({ path: `/read/${loans.ended}` }),
      shows: titles.everybody,
      for: nobody,
    },
    {
      about: 'a child’s loan of a book marked 18+ since',
      ask: ({ loans }) => ({ path: `/read/${loans.outgrown}` }),
      shows: titles.marked,
      for: nobody,
    },
  ],
  '/read/[loan=uuid]/files/[...name] GET': [
    {
      about: 'the owner’s loan',
      ask: ({ loans }) => ({ path: `/read/${loans.owners}/files/${chapter}` }),
      shows: chapterText,
      for: ['owner'],
    },
    {
      about: 'a loan that has ended',
      ask: ({ loans }) => ({ path: `/read/${loans.ended}/files/${chapter}` }),
      shows: chapterText,
      for: nobody,
    },
    {
      about: 'a child’s loan of a book marked 18+ since',
      ask: ({ loans }) => ({ path: `/read/${loans.outgrown}/files/${chapter}` }),
      shows: chapterText,
      for: nobody,
    },
  ],
  '/read/[loan=uuid]/position PUT': [
    { about: 'the owner’s loan', ask: ({ loans }) => place(loans.owners), for: ['owner'] },
    { about: 'a loan that has ended', ask: ({ loans }) => place(loans.ended), for: nobody },
    {
      about: 'a child’s loan of a book marked 18+ since',
      ask: ({ loans }) => place(loans.outgrown),
      for: nobody,
    },
  ],

  // Questionnaires: a library's own librarians, and the operators.
  '/staff page': [
    { about: 'the desk', ask: () => ({ path: '/staff' }), showsOnPage: 'Здравствуйте', for: staff },
  ],
  '/staff/applications page': [
    {
      about: 'Буй’s questionnaires',
      ask: () => ({ path: '/staff/applications?state=registered' }),
      shows: names.owner,
      for: ['librarian', 'operator'],
      without: ['librarian2'],
    },
    {
      about: 'Галич’s questionnaires',
      ask: () => ({ path: '/staff/applications?state=registered' }),
      shows: names.reader2,
      for: ['librarian2', 'operator'],
      without: ['librarian'],
    },
    {
      about: 'Галич’s questionnaires, chosen by the filter',
      ask: ({ libraries }) => ({
        path: `/staff/applications?state=registered&library=${libraries.librarian2}`,
      }),
      shows: names.reader2,
      for: ['librarian2', 'operator'],
      without: ['librarian'],
    },
    {
      about: 'what the operator has decided today',
      ask: () => ({ path: '/staff/applications?today' }),
      shows: names.owner,
      // To librarians the parameter means nothing: they get their own library's list.
      for: ['operator', 'librarian'],
      without: ['librarian2'],
    },
    {
      about: 'what the operator has decided just now',
      ask: ({ applications }) => ({ path: `/staff/applications?state=sent&done=${applications.librarian}` }),
      shows: names.owner,
      for: ['operator'],
      without: ['librarian', 'librarian2'],
    },
  ],
  '/staff/applications ?/next': [
    {
      about: 'the next questionnaire of the queue',
      ask: () => ({ path: '/staff/applications?/next', form: {} }),
      for: ['operator'],
    },
  ],
  '/staff/applications/new page': [
    {
      about: 'the form',
      ask: () => ({ path: '/staff/applications/new' }),
      shows: 'formKey',
      for: ['librarian', 'librarian2', 'operator'],
    },
    {
      about: 'Буй’s draft',
      ask: async ({ draft }) => ({ path: `/staff/applications/new?draft=${await draft('librarian')}` }),
      shows: names.draft,
      for: ['librarian', 'operator'],
    },
    {
      about: 'the next of a family of Буй',
      ask: ({ applications }) => ({ path: `/staff/applications/new?family=${applications.child}` }),
      shows: 'Малышева Ольга',
      for: ['librarian', 'operator'],
    },
  ],
  '/staff/applications/new ?/default': [
    {
      about: 'a questionnaire of Буй',
      ask: ({ questionnaire }) => ({ path: '/staff/applications/new', form: questionnaire('librarian') }),
      for: ['librarian', 'operator'],
    },
    {
      about: 'a questionnaire of Галич',
      ask: ({ questionnaire }) => ({ path: '/staff/applications/new', form: questionnaire('librarian2') }),
      for: ['librarian2', 'operator'],
    },
    {
      about: 'a draft of Буй',
      ask: ({ questionnaire }) => ({
        path: '/staff/applications/new?keep',
        form: questionnaire('librarian'),
      }),
      for: ['librarian', 'operator'],
    },
    {
      about: 'a code from home, for Буй',
      ask: async ({ homeCode, libraries }) => ({
        path: '/staff/applications/new?code',
        form: { code: await homeCode(), libraryId: libraries.librarian },
      }),
      for: ['librarian', 'operator'],
    },
  ],
  '/staff/applications/drafts page': [
    {
      about: 'Буй’s drafts',
      ask: async ({ draft }) => {
        await draft('librarian')
        return { path: '/staff/applications/drafts' }
      },
      shows: names.draft,
      for: ['librarian', 'operator'],
      without: ['librarian2'],
    },
  ],
  '/staff/applications/drafts PUT': [
    {
      about: 'a draft of Буй',
      ask: ({ questionnaire }) => ({
        method: 'PUT',
        path: '/staff/applications/drafts',
        form: questionnaire('librarian'),
      }),
      for: ['librarian', 'operator'],
    },
  ],
  '/staff/applications/drafts ?/discard': [
    {
      about: 'a draft of Буй',
      ask: async ({ draft }) => ({
        path: '/staff/applications/drafts?/discard',
        form: { id: await draft('librarian') },
      }),
      for: ['librarian', 'operator'],
    },
  ],
  // Letters with questionnaires: a library's own; whose the others are an operator says.
  '/staff/letters page': [
    {
      about: 'Буй’s letters',
      ask: async ({ letter }) => {
        await letter('librarian')
        return { path: '/staff/letters' }
      },
      shows: `${names.letter} librarian`,
      for: ['librarian', 'operator'],
      without: ['librarian2'],
    },
  ],
  '/staff/letters ?/tryAgain': [
    {
      about: 'a mail that could not be read',
      ask: async ({ unreadMail }) => ({
        path: '/staff/letters?/tryAgain',
        form: { mailId: await unreadMail() },
      }),
      for: ['operator'],
    },
  ],
  '/staff/letters/[id=uuid] page': [
    {
      about: 'Буй’s letter',
      ask: async ({ letter }) => ({ path: `/staff/letters/${(await letter('librarian')).id}` }),
      shows: names.mailed,
      for: ['librarian', 'operator'],
    },
    {
      about: 'a letter that is nobody’s yet',
      ask: async ({ letter }) => ({ path: `/staff/letters/${(await letter()).id}` }),
      shows: names.mailed,
      for: ['operator'],
    },
  ],
  '/staff/letters/[id=uuid]/files/[place] GET': [
    {
      about: 'Буй’s letter as it came',
      ask: async ({ letter }) => ({ path: `/staff/letters/${(await letter('librarian')).id}/files/0` }),
      shows: names.mailed,
      for: ['librarian', 'operator'],
    },
  ],
  '/staff/letters/[id=uuid] ?/confirm': [
    {
      about: 'the consents of Буй’s letter',
      ask: async ({ letter, consentVersion }) => {
        const { id, draftId } = await letter('librarian')
        const form = { consentGiven: 'on', consentVersion, [`take-${draftId}`]: '1' }
        return { path: `/staff/letters/${id}?/confirm`, form }
      },
      for: ['librarian'],
    },
  ],
  '/staff/letters/[id=uuid] ?/remove': [
    {
      about: 'a questionnaire of Буй’s letter',
      ask: async ({ letter }) => {
        const { id, draftId } = await letter('librarian')
        return { path: `/staff/letters/${id}?/remove`, form: { remove: draftId } }
      },
      for: ['librarian', 'operator'],
    },
  ],
  '/staff/letters/[id=uuid] ?/accept': [
    {
      about: 'a letter that is nobody’s yet, for Буй',
      ask: async ({ letter, libraries }) => ({
        path: `/staff/letters/${(await letter()).id}?/accept`,
        form: { libraryId: libraries.librarian },
      }),
      for: ['operator'],
    },
  ],
  '/staff/letters/[id=uuid] ?/dismiss': [
    {
      about: 'a letter that is nobody’s yet',
      ask: async ({ letter }) => ({
        path: `/staff/letters/${(await letter()).id}?/dismiss`,
        form: { reason: 'Реклама' },
      }),
      for: ['operator'],
    },
  ],
  '/staff/applications/consent POST': [
    {
      about: 'Буй’s consent',
      ask: ({ libraries }) => consent(libraries.librarian),
      shows: 'application/pdf',
      for: ['librarian', 'operator'],
    },
    {
      about: 'Галич’s consent',
      ask: ({ libraries }) => consent(libraries.librarian2),
      shows: 'application/pdf',
      for: ['librarian2', 'operator'],
    },
  ],
  '/staff/applications/[id=uuid] page': [
    {
      about: 'Буй’s questionnaire',
      ask: ({ applications }) => ({ path: `/staff/applications/${applications.librarian}` }),
      shows: names.owner,
      for: ['librarian', 'operator'],
    },
    {
      about: 'Галич’s questionnaire',
      ask: ({ applications }) => ({ path: `/staff/applications/${applications.librarian2}` }),
      shows: names.reader2,
      for: ['librarian2', 'operator'],
    },
  ],
  '/staff/applications/slips GET': [
    {
      about: 'Буй’s slips in one document',
      ask: ({ applications }) => ({ path: `/staff/applications/slips?id=${applications.librarian}` }),
      shows: 'application/pdf',
      for: ['librarian', 'operator'],
    },
    {
      about: 'Галич’s slips on a receipt',
      ask: ({ applications }) => ({
        path: `/staff/applications/slips?as=receipt&id=${applications.librarian2}`,
      }),
      shows: 'application/pdf',
      for: ['librarian2', 'operator'],
    },
  ],
  '/staff/applications/[id=uuid]/slip GET': [
    {
      about: 'Буй’s slip',
      ask: ({ applications }) => ({ path: `/staff/applications/${applications.librarian}/slip` }),
      shows: 'application/pdf',
      for: ['librarian', 'operator'],
    },
    {
      about: 'Буй’s slip as a picture',
      ask: ({ applications }) => ({ path: `/staff/applications/${applications.librarian}/slip?as=picture` }),
      shows: 'image/png',
      for: ['librarian', 'operator'],
    },
    {
      about: 'Галич’s slip',
      ask: ({ applications }) => ({ path: `/staff/applications/${applications.librarian2}/slip` }),
      shows: 'application/pdf',
      for: ['librarian2', 'operator'],
    },
  ],
  '/staff/applications/[id=uuid] ?/register': [
    {
      about: 'Буй’s questionnaire',
      ask: async ({ sent }) => ({
        path: `/staff/applications/${await sent('librarian')}?/register`,
        form: { revision: '1', providerNumber: '', providerPassword: '' },
      }),
      for: ['operator'],
    },
  ],
  '/staff/applications/[id=uuid] ?/same': [
    {
      about: 'a questionnaire, as somebody’s who is on record',
      ask: async (region) => ({
        path: `/staff/applications/${await region.sent('librarian')}?/same`,
        form: { revision: '1', readerId: await region.newReader() },
      }),
      for: ['operator'],
    },
  ],
  '/staff/applications/[id=uuid] ?/return': [
    {
      about: 'Буй’s questionnaire',
      ask: async ({ sent }) => ({
        path: `/staff/applications/${await sent('librarian')}?/return`,
        form: { revision: '1', reason: 'Проверьте дату рождения' },
      }),
      for: ['operator'],
    },
  ],
  '/staff/applications/[id=uuid] ?/refuse': [
    {
      about: 'Буй’s questionnaire',
      ask: async ({ sent }) => ({
        path: `/staff/applications/${await sent('librarian')}?/refuse`,
        form: { revision: '1', reason: 'Живёт в другой области' },
      }),
      for: ['operator'],
    },
  ],
  '/staff/applications/[id=uuid] ?/undo': [
    {
      about: 'Буй’s questionnaire',
      ask: async ({ refused }) => ({
        path: `/staff/applications/${await refused('librarian')}?/undo`,
        form: { revision: '2' },
      }),
      for: ['operator'],
    },
  ],
  '/staff/applications/[id=uuid] ?/takeOver': [
    {
      about: 'Буй’s questionnaire',
      ask: async ({ sent }) => ({
        path: `/staff/applications/${await sent('librarian')}?/takeOver`,
        form: {},
      }),
      for: ['operator'],
    },
  ],
  '/staff/applications/[id=uuid]/hold POST': [
    {
      about: 'Буй’s questionnaire',
      ask: async ({ sent }) => ({
        method: 'POST',
        path: `/staff/applications/${await sent('librarian')}/hold`,
      }),
      for: ['operator'],
    },
  ],
  '/staff/applications/[id=uuid] ?/withdraw': [
    {
      about: 'Буй’s questionnaire',
      ask: async ({ sent }) => ({
        path: `/staff/applications/${await sent('librarian')}?/withdraw`,
        form: { revision: '1', reason: 'Прислана дважды' },
      }),
      for: ['librarian', 'operator'],
    },
    {
      about: 'Галич’s questionnaire',
      ask: async ({ sent }) => ({
        path: `/staff/applications/${await sent('librarian2')}?/withdraw`,
        form: { revision: '1', reason: 'Прислана дважды' },
      }),
      for: ['librarian2', 'operator'],
    },
  ],
  '/staff/applications/[id=uuid] ?/undoWithdrawal': [
    {
      about: 'Буй’s questionnaire',
      ask: async ({ withdrawn }) => ({
        path: `/staff/applications/${await withdrawn('librarian')}?/undoWithdrawal`,
        form: { revision: '2' },
      }),
      for: ['librarian', 'operator'],
    },
  ],
  '/staff/applications/[id=uuid] ?/mend': [
    {
      about: 'Буй’s questionnaire',
      ask: async (region) => ({
        path: `/staff/applications/${await region.returned('librarian')}?/mend`,
        form: { ...region.questionnaire('librarian'), revision: '2' },
      }),
      for: ['librarian', 'operator'],
    },
    {
      about: 'Галич’s questionnaire',
      ask: async (region) => ({
        path: `/staff/applications/${await region.returned('librarian2')}?/mend`,
        form: { ...region.questionnaire('librarian2'), revision: '2' },
      }),
      for: ['librarian2', 'operator'],
    },
  ],

  // A reader's own data, consents and registration.
  '/(reader)/shelf ?/renew': [
    { about: 'the own registration', ask: () => ({ path: '/shelf?/renew', form: {} }), for: readers },
  ],
  '/(reader)/consent page': [
    {
      about: 'the own consent',
      ask: () => ({ path: '/consent' }),
      showsOnPage: 'Ваше согласие',
      for: readers,
    },
  ],
  '/(reader)/consent ?/agree': [
    {
      about: 'the consent to handing over, which a child can’t give alone',
      ask: ({ handoverVersion }) => ({
        path: '/consent?/agree',
        form: { kind: 'handover', version: handoverVersion },
      }),
      for: adults,
    },
  ],
  '/(reader)/consent ?/later': [
    { about: 'a day', ask: () => ({ path: '/consent?/later', form: {} }), for: readers },
  ],
  '/(reader)/profile page': [
    {
      about: 'the owner’s data',
      ask: () => ({ path: '/profile' }),
      shows: names.owner,
      for: ['owner'],
      without: ['reader2', 'child'],
    },
  ],
  '/(reader)/profile ?/renew': [
    { about: 'the own registration', ask: () => ({ path: '/profile?/renew', form: {} }), for: readers },
  ],
  '/(reader)/profile ?/correct': [
    {
      about: 'the own data',
      ask: () => ({ path: '/profile?/correct', form: { text: 'Новый телефон' } }),
      for: readers,
    },
  ],
  '/(reader)/profile ?/language': [
    {
      about: 'the own language',
      ask: () => ({ path: '/profile?/language', form: { language: 'ru' } }),
      for: readers,
    },
  ],
  '/(reader)/profile ?/refuseHandover': [
    { about: 'the own consent', ask: () => ({ path: '/profile?/refuseHandover', form: {} }), for: adults },
  ],
  '/(reader)/profile ?/endDevice': [
    {
      about: 'the owner’s other device',
      ask: async ({ device }) => ({
        path: '/profile?/endDevice',
        form: { device: await device('owner') },
      }),
      for: ['owner'],
    },
  ],
  '/(reader)/profile ?/endOthers': [
    { about: 'the own other devices', ask: () => ({ path: '/profile?/endOthers', form: {} }), for: readers },
  ],
  '/(reader)/profile ?/revoke': [
    {
      about: 'the own consent, with the own password',
      ask: ({ cardOf }, actor) => ({
        path: '/profile?/revoke',
        form: {
          understood: 'on',
          password: cardOf(readerActors.find((each) => each === actor) ?? 'owner').password,
        },
      }),
      for: adults,
      after: (region, actor) => region.undoRevocation(actor as ReaderName),
    },
  ],
  '/(reader)/profile/password page': [
    { about: 'the form', ask: () => ({ path: '/profile/password' }), for: readers },
  ],
  '/(reader)/profile/password ?/default': [
    {
      about: 'the own password',
      ask: ({ cardOf }, actor) => ({
        path: '/profile/password',
        form: {
          password: cardOf(readerActors.find((each) => each === actor) ?? 'owner').password,
          newPassword: chosenPassword,
        },
      }),
      for: readers,
      after: (region, actor) => region.noteNewPassword(actor as ReaderName, chosenPassword),
    },
  ],
  '/(reader)/profile/data GET': [
    {
      about: 'the owner’s file',
      ask: () => ({ path: '/profile/data?as=json' }),
      shows: names.owner,
      for: ['owner'],
      without: ['reader2', 'child'],
    },
  ],
  '/(reader)/revoked page': [toAll('what happens next', { path: '/revoked?due=0' })],

  // Consent texts and rules: the administrator's; the methodologist reads them.
  '/staff/settings/consents page': [
    {
      about: 'the texts',
      ask: () => ({ path: '/staff/settings/consents' }),
      showsOnPage: 'Тексты согласий',
      for: ['methodologist', 'admin'],
    },
  ],
  '/staff/settings/consents ?/publish': [
    {
      about: 'the text in force',
      ask: async ({ consentBody, consentVersion }) => ({
        path: '/staff/settings/consents?/publish',
        form: { kind: 'processing', body: await consentBody(), basedOn: consentVersion },
      }),
      for: ['admin'],
    },
  ],
  '/staff/settings/consents ?/rules': [
    {
      about: 'the rules',
      ask: () => ({
        path: '/staff/settings/consents?/rules',
        form: {
          handoverFor: 'provider',
          from14: 'self',
          graceDays: '30',
          destroyDays: '30',
          renewDays: '365',
        },
      }),
      for: ['admin'],
    },
  ],
  '/staff/settings/consents/paper GET': [
    {
      about: 'a version',
      ask: ({ consentVersion }) => ({ path: `/staff/settings/consents/paper?version=${consentVersion}` }),
      shows: 'application/pdf',
      for: ['methodologist', 'admin'],
    },
  ],
  '/staff/settings/consents/paper POST': [
    {
      about: 'a draft',
      ask: () => ({
        path: '/staff/settings/consents/paper',
        form: { kind: 'processing', body: '{central} {district}' },
      }),
      shows: 'application/pdf',
      for: ['admin'],
    },
  ],

  // Printed cards: a library's own stock, the network's batches, the region's numbers.
  '/staff/cards page': [
    {
      about: 'the page',
      ask: () => ({ path: '/staff/cards' }),
      showsOnPage: 'Карты: запас и заказы',
      for: ['librarian', 'librarian2', 'operator', 'methodologist'],
    },
    {
      about: 'Буй’s stock',
      ask: () => ({ path: '/staff/cards' }),
      shows: libraryOf.librarian,
      for: ['librarian', 'operator', 'methodologist'],
      without: ['librarian2'],
    },
  ],
  '/staff/cards ?/make': [
    {
      about: 'a batch',
      ask: ({ libraries }) => ({
        path: '/staff/cards?/make',
        form: { formKey: randomUUID(), libraryId: libraries.librarian, count: '2' },
      }),
      for: ['operator'],
    },
  ],
  '/staff/cards ?/takeOver': [
    {
      about: 'a range of cards',
      ask: ({ libraries }) => {
        ranges += 1
        const number = `7700${String(ranges).padStart(6, '0')}`
        return {
          path: '/staff/cards?/takeOver',
          form: {
            formKey: randomUUID(),
            libraryId: libraries.librarian,
            first: number,
            last: number,
            check: 'none',
          },
        }
      },
      for: ['operator'],
    },
  ],
  '/staff/cards ?/send': [
    {
      about: 'a batch',
      ask: async ({ cardBatch }) => ({
        path: '/staff/cards?/send',
        form: { batchId: (await cardBatch()).id },
      }),
      for: ['operator'],
    },
  ],
  '/staff/cards ?/receive': [
    {
      about: 'Буй’s batch',
      ask: async ({ cardBatch, libraries }) => {
        const { number } = await cardBatch()
        return {
          path: '/staff/cards?/receive',
          form: { libraryId: libraries.librarian, first: number, last: number },
        }
      },
      for: ['librarian', 'operator'],
    },
  ],
  '/staff/cards ?/writeOff': [
    {
      about: 'Буй’s card',
      ask: async ({ cardBatch, libraries }) => {
        const { number } = await cardBatch()
        return {
          path: '/staff/cards?/writeOff',
          form: { libraryId: libraries.librarian, first: number, last: '', reason: 'damaged' },
        }
      },
      for: ['librarian', 'operator'],
    },
  ],
  '/staff/cards ?/lowStock': [
    {
      about: 'a bound of Буй’s own',
      ask: ({ libraries }) => ({
        path: '/staff/cards?/lowStock',
        form: { libraryId: libraries.librarian, lowStock: '5' },
      }),
      for: ['operator'],
    },
  ],
  '/staff/cards ?/order': [
    {
      about: 'cards for Буй',
      ask: async ({ libraries, noCardOrder }) => {
        await noCardOrder()
        return {
          path: '/staff/cards?/order',
          form: { libraryId: libraries.librarian, count: '7', note: '' },
        }
      },
      for: ['librarian', 'operator'],
    },
  ],
  '/staff/cards ?/callOff': [
    {
      about: 'Буй’s order',
      ask: async ({ cardOrder }) => ({
        path: '/staff/cards?/callOff',
        form: { orderId: await cardOrder() },
      }),
      for: ['librarian', 'operator'],
    },
  ],
  '/staff/cards/[id=uuid]/sheet GET': [
    {
      about: 'a batch for the press',
      ask: async ({ cardBatch }) => ({ path: `/staff/cards/${(await cardBatch()).id}/sheet` }),
      shows: 'application/pdf',
      for: ['operator'],
    },
  ],
  '/staff/settings/backup page': [
    {
      about: 'the backups',
      ask: () => ({ path: '/staff/settings/backup' }),
      showsOnPage: 'name="keep"',
      for: ['admin'],
    },
  ],
  '/staff/settings/backup ?/rules': [
    {
      about: 'when backups are made',
      ask: () => ({ path: '/staff/settings/backup?/rules', form: { time: '04:00', keep: '5' } }),
      for: ['admin'],
    },
  ],
  '/staff/settings/backup ?/now': [
    {
      about: 'a backup at once',
      ask: () => ({ path: '/staff/settings/backup?/now', form: {} }),
      for: ['admin'],
    },
  ],
  '/staff/settings/cards page': [
    {
      about: 'the numbering',
      ask: () => ({ path: '/staff/settings/cards' }),
      showsOnPage: 'name="serialDigits"',
      for: ['admin'],
    },
  ],
  '/staff/settings/cards ?/default': [
    {
      about: 'the numbering',
      ask: () => ({
        path: '/staff/settings/cards',
        form: {
          prefix: '2',
          libraryCode: 'on',
          serialDigits: '8',
          check: 'ean13',
          lowStock: '21',
          validYears: '0',
        },
      }),
      for: ['admin'],
    },
  ],

  '/staff/settings/cards/mark page': [
    {
      about: 'the mark on cards',
      ask: () => ({ path: '/staff/settings/cards/mark' }),
      showsOnPage: 'type="file"',
      for: ['admin'],
    },
  ],
  '/staff/settings/cards/mark ?/put': [
    {
      about: 'a mark of the region',
      ask: async () => ({
        path: '/staff/settings/cards/mark?/put',
        form: {},
        upload: { field: 'file', name: 'mark.png', bytes: await newMark() },
      }),
      for: ['admin'],
    },
  ],
  '/staff/settings/cards/mark ?/takeAway': [
    {
      about: 'the region’s mark',
      ask: () => ({ path: '/staff/settings/cards/mark?/takeAway', form: {} }),
      for: ['admin'],
    },
  ],
  '/staff/settings/cards/mark ?/putBack': [
    {
      about: 'a mark that was before',
      ask: async (region) => ({
        path: '/staff/settings/cards/mark?/putBack',
        form: { markId: await region.mark() },
      }),
      for: ['admin'],
    },
  ],
  '/marks/[id=uuid] GET': [
    {
      about: 'a mark as it is printed on cards',
      ask: async (region) => ({ path: `/marks/${await region.mark()}` }),
      for: everybody,
    },
  ],

  // Readers: a library's own, another's only by an exact look-up; one record of two by operators only.
  '/(reader)/profile/card page': [
    {
      about: 'one’s own card',
      ask: () => ({ path: '/profile/card' }),
      shows: ({ cardOf }) => cardOf('owner').number,
      for: ['owner'],
      without: ['reader2', 'child'],
    },
  ],
  '/staff/readers/[id=uuid] ?/replaceCard': [
    {
      about: 'the card of Буй’s reader',
      ask: async (region) => {
        const { id, card } = await withNewCard(region)
        return { path: `/staff/readers/${id}?/replaceCard`, form: { card, ending: 'damaged' } }
      },
      for: ['librarian', 'operator'],
    },
  ],
  '/staff/readers/[id=uuid] ?/blockCard': [
    {
      about: 'the card of Буй’s reader',
      ask: async (region) => {
        const { id, card } = await withNewCard(region)
        return { path: `/staff/readers/${id}?/blockCard`, form: { card } }
      },
      for: ['librarian', 'operator'],
    },
  ],
  '/staff/readers/[id=uuid] ?/extendCard': [
    {
      about: 'the card of Буй’s reader',
      ask: async (region) => {
        const { id, card } = await withNewCard(region)
        return { path: `/staff/readers/${id}?/extendCard`, form: { card } }
      },
      for: ['librarian', 'operator'],
    },
  ],
  '/staff/readers/[id=uuid] ?/unblockCard': [
    {
      about: 'the card of Буй’s reader',
      ask: async (region) => {
        const { id, card } = await withNewCard(region)
        await region.done('operator', { path: `/staff/readers/${id}?/blockCard`, form: { card } })
        return { path: `/staff/readers/${id}?/unblockCard`, form: { card } }
      },
      for: ['librarian', 'operator'],
    },
  ],
  '/staff/readers page': [
    {
      about: 'the search',
      ask: () => ({ path: '/staff/readers' }),
      showsOnPage: 'name="query"',
      for: ['librarian', 'librarian2', 'operator'],
    },
  ],
  '/staff/readers ?/find': [
    {
      about: 'Буй’s reader by a part of the name',
      ask: () => ({ path: '/staff/readers?/find', form: { query: 'Владеева', birthDate: '' } }),
      shows: names.owner,
      for: ['librarian', 'operator'],
      without: ['librarian2'],
    },
    {
      about: 'Галич’s reader by a part of the name',
      ask: () => ({ path: '/staff/readers?/find', form: { query: 'Чужакова', birthDate: '' } }),
      shows: names.reader2,
      for: ['librarian2', 'operator'],
      without: ['librarian'],
    },
    {
      about: 'any library’s reader by full name and birth date',
      ask: async ({ birthDateOf }) => ({
        path: '/staff/readers?/find',
        form: { query: names.child, birthDate: await birthDateOf('child') },
      }),
      // What was typed comes back to anybody; the card was not typed.
      shows: ({ cardOf }) => cardOf('child').number,
      for: ['librarian', 'librarian2', 'operator'],
    },
  ],
  '/staff/readers/[id=uuid] page': [
    {
      about: 'Буй’s reader',
      ask: async ({ readerIdOf }) => ({ path: `/staff/readers/${await readerIdOf('owner')}` }),
      shows: names.owner,
      for: ['librarian', 'operator'],
    },
    {
      about: 'Галич’s reader',
      ask: async ({ readerIdOf }) => ({ path: `/staff/readers/${await readerIdOf('reader2')}` }),
      shows: names.reader2,
      for: ['librarian2', 'operator'],
    },
  ],
  '/staff/readers/[id=uuid] ?/unmerge': [
    {
      about: 'two records that were merged',
      ask: async (region) => {
        const { keptId, mergeId } = await region.merged()
        return { path: `/staff/readers/${keptId}?/unmerge`, form: { mergeId } }
      },
      for: ['operator'],
    },
  ],
  '/staff/readers/[id=uuid]/merge page': [
    {
      about: 'two records side by side',
      ask: async ({ readerIdOf }) => ({
        path: `/staff/readers/${await readerIdOf('owner')}/merge?with=${await readerIdOf('reader2')}`,
      }),
      shows: names.reader2,
      for: ['operator'],
    },
  ],
  '/staff/readers/[id=uuid]/merge ?/find': [
    {
      about: 'another record, by its card',
      ask: async ({ readerIdOf, cardOf }) => ({
        path: `/staff/readers/${await readerIdOf('owner')}/merge?/find`,
        form: { cardNumber: cardOf('reader2').number },
      }),
      for: ['operator'],
    },
  ],
  '/staff/readers/[id=uuid]/merge ?/merge': [
    {
      about: 'two records',
      ask: async ({ newReader }) => {
        const [kept, dropped] = [await newReader(), await newReader()]
        return {
          path: `/staff/readers/${kept}/merge?/merge`,
          form: { choice: `${kept} ${dropped}`, unlike: 'on' },
        }
      },
      for: ['operator'],
    },
  ],
  '/staff/readers/[id=uuid]/merge ?/apart': [
    {
      about: 'two records',
      ask: async ({ readerIdOf }) => ({
        path: `/staff/readers/${await readerIdOf('owner')}/merge?/apart`,
        form: { otherId: await readerIdOf('reader2') },
      }),
      for: ['operator'],
    },
  ],

  // A reader's record put right, and the way out.
  '/staff/readers/renew page': [
    {
      about: 'the form',
      ask: () => ({ path: '/staff/readers/renew' }),
      showsOnPage: 'cardNumber',
      for: ['librarian', 'librarian2', 'operator'],
    },
  ],
  '/staff/readers/renew ?/default': [
    {
      about: 'a card of Буй, before any librarian',
      ask: ({ cardOf }) => ({
        path: '/staff/readers/renew',
        form: { cardNumber: cardOf('owner').number },
      }),
      shows: names.owner,
      for: ['librarian', 'librarian2', 'operator'],
    },
  ],
  '/staff/readers/[id=uuid] ?/renew': [
    {
      about: 'Буй’s reader',
      ask: async ({ readerIdOf }) => ({
        path: `/staff/readers/${await readerIdOf('owner')}?/renew`,
        form: {},
      }),
      for: ['librarian', 'operator'],
    },
  ],
  '/staff/readers/[id=uuid] ?/mend': [
    {
      about: 'Буй’s reader',
      ask: async (region) => ({
        path: `/staff/readers/${await region.newReader()}?/mend`,
        form: {
          fullName: `Исправлена ${mended()}`,
          birthDate: '1980-01-01',
          email: '',
          phone: '',
          libraryId: region.libraries.librarian,
          reason: 'по паспорту',
          documentChecked: 'on',
          changes: '0',
        },
      }),
      for: ['librarian', 'operator'],
    },
  ],
  '/staff/readers/[id=uuid] ?/trustContact': [
    {
      about: 'Буй’s reader',
      ask: async (region) => ({
        path: `/staff/readers/${await region.newReader()}?/trustContact`,
        form: { channel: 'email' },
      }),
      for: ['librarian', 'operator'],
    },
  ],
  '/staff/readers/[id=uuid]/slip GET': [
    {
      about: 'Буй’s reader',
      ask: async ({ readerIdOf }) => ({ path: `/staff/readers/${await readerIdOf('owner')}/slip` }),
      for: ['librarian', 'operator'],
    },
  ],
  '/staff/readers/[id=uuid] ?/password': [
    {
      about: 'Буй’s reader',
      ask: async (region) => ({
        path: `/staff/readers/${await region.newReader()}?/password`,
        form: { kind: 'password', email: '', phone: '', identitySeen: 'on' },
      }),
      for: ['librarian', 'operator'],
    },
  ],
  '/staff/readers/[id=uuid] ?/consent': [
    {
      about: 'Буй’s reader',
      ask: async ({ readerIdOf, consentVersion }) => ({
        path: `/staff/readers/${await readerIdOf('owner')}?/consent`,
        form: { kind: 'processing', version: consentVersion, signed: 'on' },
      }),
      for: ['librarian', 'operator'],
    },
  ],
  '/staff/readers/[id=uuid] ?/revoke': [
    {
      about: 'Буй’s reader',
      ask: async ({ newReader }) => ({
        path: `/staff/readers/${await newReader()}?/revoke`,
        form: { signed: 'on' },
      }),
      for: ['librarian', 'operator'],
    },
  ],
  '/staff/messages page': [
    {
      about: 'the messages to Буй’s readers',
      ask: async ({ toldReader }) => {
        await toldReader()
        return { path: '/staff/messages' }
      },
      shows: names.told,
      for: ['librarian', 'operator'],
      without: ['librarian2'],
    },
  ],
  '/staff/messages ?/again': [
    {
      about: 'the SMS to a reader of Буй',
      ask: async ({ toldReader }) => ({
        path: '/staff/messages?/again',
        form: { id: await toldReader() },
      }),
      for: ['librarian', 'operator'],
    },
  ],
  '/staff/messages ?/settle': [
    {
      about: 'the SMS to a reader of Буй',
      ask: async ({ toldReader }) => ({
        path: '/staff/messages?/settle',
        form: { id: await toldReader() },
      }),
      for: ['librarian', 'operator'],
    },
  ],
  // The own page: every member's, and nobody else's.
  '/staff/profile page': [
    {
      about: 'the own page',
      ask: () => ({ path: '/staff/profile' }),
      showsOnPage: 'Мой профиль',
      for: staff,
    },
  ],
  '/staff/profile ?/confirm': [ownAction('confirm', () => ({ password: demoPassword }))],
  '/staff/profile ?/password': [
    ownAction('password', () => ({ password: demoPassword, newPassword: demoPassword })),
  ],
  '/staff/profile ?/setUpTotp': [ownAction('setUpTotp', () => ({}))],
  '/staff/profile/code page': [
    { about: 'a code that is set up', ask: () => ({ path: '/staff/profile/code' }), for: staff },
  ],
  '/staff/profile/code ?/default': [
    {
      about: 'a right code',
      ask: async (region, actor) => ({
        path: '/staff/profile/code',
        form: { code: await region.codeToSetUp(actor) },
      }),
      for: staff,
      after: (region) => region.withoutFactors(),
    },
  ],
  '/staff/profile/passkey POST': [
    {
      about: 'what a new passkey is to sign',
      ask: async (region) => {
        await region.withoutFactors()
        return { method: 'POST', path: '/staff/profile/passkey' }
      },
      shows: 'pubKeyCredParams',
      for: staff,
    },
  ],
  '/staff/profile ?/addPasskey': [
    ownAction('addPasskey', async (region, actor) => {
      const { text } = await region.as(actor, { method: 'POST', path: '/staff/profile/passkey' })
      const options = JSON.parse(text) as { challenge: string }
      return { name: '', passkey: createSoftPasskey(region.origin).make(options) }
    }),
  ],
  '/staff/profile ?/removeTotp': [
    ownAction('removeTotp', async (region, actor) => {
      await region.factorOf(actor)
      return {}
    }),
  ],
  '/staff/profile ?/removePasskey': [
    ownAction('removePasskey', async (region, actor) => ({ id: await region.passkeyOf(actor) })),
  ],
  '/staff/profile ?/newCodes': [
    ownAction('newCodes', async (region, actor) => {
      await region.factorOf(actor)
      return {}
    }),
  ],
  '/staff/profile ?/endDevice': [
    ownAction('endDevice', async (region, actor) => ({ device: await region.staffDevice(actor) })),
  ],
  '/staff/profile ?/endOthers': [ownAction('endOthers', () => ({}))],
  '/staff/settings/sign-in page': [
    {
      about: 'whether a second factor is required',
      ask: () => ({ path: '/staff/settings/sign-in' }),
      shows: 'secondFactorRequired',
      for: ['admin'],
    },
  ],
  '/staff/settings/sign-in ?/default': [
    {
      about: 'that none is required',
      ask: () => ({ path: '/staff/settings/sign-in', form: {} }),
      for: ['admin'],
    },
  ],

  // The log: administrators read it.
  '/staff/audit page': [
    {
      about: 'the log about a reader',
      ask: async ({ readerIdOf }) => ({ path: `/staff/audit?reader=${await readerIdOf('owner')}` }),
      shows: names.owner,
      for: ['admin'],
    },
    {
      about: 'whom a name means',
      ask: () => ({ path: `/staff/audit?person=${encodeURIComponent('Малышева Ася')}` }),
      for: ['admin'],
    },
  ],
  '/staff/audit/export POST': [
    {
      about: 'the log as a file',
      ask: () => ({ path: '/staff/audit/export', form: { format: 'csv' } }),
      shows: 'text/csv',
      for: ['admin'],
    },
  ],
  '/staff/audit/[id=uuid]/paper GET': [
    {
      about: 'who has seen a reader',
      ask: async ({ readerIdOf }) => ({ path: `/staff/audit/${await readerIdOf('owner')}/paper` }),
      shows: 'application/pdf',
      for: ['admin'],
    },
  ],
  '/staff/state page': [
    {
      about: 'what is wrong with the system',
      ask: () => ({ path: '/staff/state' }),
      shows: 'findings',
      for: ['admin'],
    },
  ],
  '/staff/settings/messages page': [
    {
      about: 'the settings of SMS',
      ask: () => ({ path: '/staff/settings/messages' }),
      shows: 'partsPerMonth',
      for: ['admin'],
    },
  ],
  '/staff/settings/messages ?/rules': [
    {
      about: 'the settings of SMS',
      ask: () => ({
        path: '/staff/settings/messages?/rules',
        form: {
          quietFrom: '00:00',
          quietTo: '00:00',
          partsPerMonth: String(Math.floor(Math.random() * 1e6) + 1e6),
          libraryLanguage: 'ru',
        },
      }),
      for: ['admin'],
    },
  ],
  '/staff/settings/messages/texts page': [
    {
      about: 'the texts of messages',
      ask: () => ({ path: '/staff/settings/messages/texts' }),
      showsOnPage: 'Читателям',
      for: ['methodologist', 'admin'],
    },
  ],
  '/staff/settings/messages/texts/[channel]/[language]/[event] page': [
    {
      about: 'one text',
      ask: () => ({ path: codeText }),
      shows: 'Действует полчаса',
      for: ['methodologist', 'admin'],
    },
  ],
  '/staff/settings/messages/texts/[channel]/[language]/[event] ?/save': [
    {
      about: 'the text in force',
      ask: () => ({
        path: `${codeText}?/save`,
        form: {
          body: 'Код {код} для нового пароля Смарт-библиотеки. Действует полчаса. Никому его не называйте.',
          basedOn: '0',
        },
      }),
      for: ['methodologist', 'admin'],
    },
  ],
  '/staff/settings/messages/texts/[channel]/[language]/[event] ?/show': [
    {
      about: 'a text to be looked at',
      ask: () => ({ path: `${codeText}?/show`, form: { body: '{код}', basedOn: '0' } }),
      for: ['methodologist', 'admin'],
    },
  ],
  '/staff/settings/messages/texts/[channel]/[language]/[event] ?/restore': [
    {
      about: 'the built-in text',
      ask: () => ({
        path: '/staff/settings/messages/texts/sms/en/reader.code?/restore',
        form: { version: '0', basedOn: '0' },
      }),
      for: ['methodologist', 'admin'],
    },
  ],
  '/staff/corrections page': [
    {
      about: 'a request of Буй’s reader',
      ask: async ({ correction }) => {
        await correction('owner', 'Исправьте букву')
        return { path: '/staff/corrections' }
      },
      shows: 'Исправьте букву',
      for: ['librarian', 'operator'],
      without: ['librarian2'],
    },
  ],
  '/staff/corrections ?/answer': [
    {
      about: 'a request of Буй’s reader',
      ask: async ({ correction }) => ({
        path: '/staff/corrections?/answer',
        form: { id: await correction('owner', 'Исправьте цифру'), answer: 'Исправили' },
      }),
      for: ['librarian', 'operator'],
    },
  ],
  '/staff/destructions page': [
    {
      about: 'the revocations',
      ask: async ({ leaving }) => {
        await leaving()
        return { path: '/staff/destructions' }
      },
      showsOnPage: 'Пробникова',
      for: ['operator'],
    },
  ],
  '/staff/destructions ?/carryOut': [
    {
      about: 'a revocation',
      ask: async ({ leaving }) => ({
        path: '/staff/destructions?/carryOut',
        form: { id: await leaving(), sure: 'on' },
      }),
      for: ['operator'],
    },
  ],
  '/staff/destructions ?/callOff': [
    {
      about: 'a revocation',
      ask: async ({ leaving }) => ({
        path: '/staff/destructions?/callOff',
        form: { id: await leaving(), reason: 'передумала' },
      }),
      for: ['operator'],
    },
  ],
  '/staff/destructions ?/close': [
    {
      about: 'an account at the provider',
      ask: async ({ closing }) => ({
        path: '/staff/destructions?/close',
        form: { closing: await closing(), closed: 'on' },
      }),
      for: ['operator'],
    },
  ],
  // An outside service: lists out, numbers in.
  '/staff/provider page': [
    {
      about: 'the page',
      ask: () => ({ path: '/staff/provider' }),
      showsOnPage: 'Вернуть заполненный список',
      for: ['operator'],
    },
  ],
  '/staff/provider ?/make': [
    {
      about: 'a list',
      ask: () => ({ path: '/staff/provider?/make', form: { kind: 'register' } }),
      for: ['operator'],
    },
  ],
  '/staff/provider ?/receive': [
    {
      about: 'a filled-in list',
      ask: async ({ providerRow }) => ({
        path: '/staff/provider?/receive',
        form: {},
        upload: {
          field: 'file',
          name: 'spisok.csv',
          bytes: new TextEncoder().encode(
            `Ключ строки (не менять);Номер читательского билета;Пароль\n${(await providerRow()).id};${randomUUID()};x\n`,
          ),
        },
      }),
      for: ['operator'],
    },
  ],
  '/staff/provider ?/enter': [
    {
      about: 'a number',
      ask: async ({ providerRow }) => ({
        path: '/staff/provider?/enter',
        form: { id: (await providerRow()).id, number: randomUUID(), providerPassword: 'x' },
      }),
      for: ['operator'],
    },
  ],
  '/staff/provider ?/fail': [
    {
      about: 'a refusal',
      ask: async ({ providerRow }) => ({
        path: '/staff/provider?/fail',
        form: { id: (await providerRow()).id, reason: 'Такой уже есть' },
      }),
      for: ['operator'],
    },
  ],
  '/staff/provider ?/retry': [
    {
      about: 'a row of a list',
      ask: async ({ providerRow }) => ({
        path: '/staff/provider?/retry',
        form: { id: (await providerRow()).id },
      }),
      for: ['operator'],
    },
  ],
  '/staff/provider ?/close': [
    {
      about: 'an account at the provider',
      ask: async ({ closing }) => ({
        path: '/staff/provider?/close',
        form: { closing: await closing(), closed: 'on' },
      }),
      for: ['operator'],
    },
  ],
  '/staff/provider ?/enrol': [
    {
      about: 'a reader who has consented',
      ask: async ({ handedOver }) => ({
        path: '/staff/provider?/enrol',
        form: { id: await handedOver() },
      }),
      for: ['operator'],
    },
  ],
  '/staff/provider/lists/[number] GET': [
    {
      about: 'a list',
      ask: async ({ providerRow }) => ({
        path: `/staff/provider/lists/${(await providerRow()).list}?as=csv`,
      }),
      shows: 'Ключ строки',
      for: ['operator'],
    },
  ],
  '/staff/settings/provider page': [
    {
      about: 'the settings',
      ask: () => ({ path: '/staff/settings/provider' }),
      showsOnPage: 'Столбцы списка',
      for: ['admin'],
    },
  ],
  '/staff/settings/provider ?/default': [
    {
      about: 'the settings',
      ask: () => ({
        path: '/staff/settings/provider',
        form: {
          mode: 'both',
          name: 'Внешняя библиотека (пример)',
          address: 'https://biblio.example',
          appIos: '',
          appAndroid: '',
          instructions: '',
          tell: 'at_once',
          keyPlace: '1',
          keyTitle: 'Ключ строки (не менять)',
          numberPlace: '2',
          numberTitle: 'Номер читательского билета',
          passwordPlace: '3',
          passwordTitle: 'Пароль',
        },
      }),
      for: ['admin'],
    },
  ],

  '/staff/destructions/[id=uuid]/act GET': [
    {
      about: 'an act',
      ask: async ({ destroyed }) => ({ path: `/staff/destructions/${await destroyed()}/act` }),
      shows: 'application/pdf',
      for: ['operator'],
    },
  ],
  '/staff/destructions/[id=uuid]/log GET': [
    {
      about: 'an extract of the log',
      ask: async ({ destroyed }) => ({ path: `/staff/destructions/${await destroyed()}/log` }),
      shows: 'application/pdf',
      for: ['operator'],
    },
  ],

  // The fund: seen by all who work with readers, kept by the curator.
  '/staff/catalogue page': [
    {
      about: 'the fund, whatever the age mark',
      ask: () => ({ path: '/staff/catalogue' }),
      shows: titles.adults,
      for: ['librarian', 'librarian2', 'operator', 'curator', 'methodologist'],
    },
  ],
  '/staff/catalogue ?/mend': [
    {
      about: 'a publication',
      ask: ({ books }) => ({
        path: '/staff/catalogue?/mend',
        form: { id: books.marked, ageMark: '16', licence: 'copies', copies: '3' },
      }),
      for: ['curator'],
    },
  ],
  '/staff/catalogue/import page': [
    {
      about: 'the form',
      ask: () => ({ path: '/staff/catalogue/import' }),
      showsOnPage: 'name="books"',
      for: ['curator'],
    },
  ],
  '/staff/catalogue/import ?/default': [
    {
      about: 'a book',
      ask: async () => ({
        path: '/staff/catalogue/import',
        form: { ageMark: '0', licence: 'open' },
        upload: { field: 'books', name: 'book.epub', bytes: await newBook() },
      }),
      for: ['curator'],
    },
  ],

  // Lists: files with questionnaires, of a library's own; with readers, of operators alone; and files for download.
  '/staff/lists page': [
    {
      about: 'the page',
      ask: () => ({ path: '/staff/lists' }),
      showsOnPage: 'Загрузить список',
      for: ['librarian', 'librarian2', 'operator'],
    },
    {
      about: 'Буй’s list',
      ask: async (region) => {
        await newList(region)
        return { path: '/staff/lists' }
      },
      shows: 'Список Буя.csv',
      for: ['librarian', 'operator'],
      without: ['librarian2'],
    },
  ],
  '/staff/lists/new page': [
    {
      about: 'the form',
      ask: () => ({ path: '/staff/lists/new' }),
      showsOnPage: 'name="file"',
      for: ['librarian', 'librarian2', 'operator'],
    },
  ],
  '/staff/lists/new ?/default': [
    { about: 'Буй’s questionnaires', ask: (region) => listUpload(region), for: ['librarian', 'operator'] },
    {
      about: 'Буй’s own readers',
      ask: (region) => listUpload(region, { kind: 'readers' }),
      for: ['operator'],
    },
    {
      about: 'rows of whichever library',
      ask: (region) => listUpload(region, { libraryId: '' }),
      for: ['operator'],
    },
  ],
  '/staff/lists/[id=uuid] page': [
    {
      about: 'Буй’s list',
      ask: async (region) => ({ path: `/staff/lists/${await newList(region)}` }),
      shows: listedName,
      for: ['librarian', 'operator'],
    },
    {
      about: 'Буй’s own readers',
      ask: async (region) => ({ path: `/staff/lists/${await newList(region, { kind: 'readers' })}` }),
      shows: listedName,
      for: ['operator'],
    },
  ],
  '/staff/lists/[id=uuid] ?/check': [
    {
      about: 'Буй’s list',
      ask: async (region) => ({
        path: `/staff/lists/${await newList(region)}?/check`,
        form: listForm(region),
      }),
      for: ['librarian', 'operator'],
    },
  ],
  '/staff/lists/[id=uuid] ?/start': [
    {
      about: 'Буй’s list',
      ask: async (region) => ({
        path: `/staff/lists/${await newList(region, {}, 'checked')}?/start`,
        form: {},
      }),
      for: ['librarian', 'operator'],
    },
  ],
  '/staff/lists/[id=uuid] ?/stop': [
    {
      about: 'Буй’s list',
      ask: async (region) => ({
        path: `/staff/lists/${await newList(region, {}, 'running')}?/stop`,
        form: {},
      }),
      for: ['librarian', 'operator'],
    },
  ],
  '/staff/lists/[id=uuid] ?/discard': [
    {
      about: 'Буй’s list',
      ask: async (region) => ({ path: `/staff/lists/${await newList(region)}?/discard`, form: {} }),
      for: ['librarian', 'operator'],
    },
  ],
  '/staff/lists/[id=uuid] ?/decide': [
    {
      about: 'a row like somebody on record',
      ask: async (region) => {
        const id = await newList(region, { kind: 'readers' }, 'done')
        const [reader] = await region.sql('select id from readers limit 1')
        const shown = reader?.['id'] ?? ''
        await region.sql("update list_rows set state = 'asked', alike = array[$2::uuid] where list_id = $1", [
          id,
          shown,
        ])
        return { path: `/staff/lists/${id}?/decide`, form: { row: '2', same: 'same', shown } }
      },
      for: ['operator'],
    },
  ],
  '/staff/lists/[id=uuid]/progress GET': [
    {
      about: 'Буй’s list',
      ask: async (region) => ({ path: `/staff/lists/${await newList(region)}/progress` }),
      for: ['librarian', 'operator'],
    },
  ],
  '/staff/lists/[id=uuid]/faults GET': [
    {
      about: 'Буй’s list',
      ask: async (region) => {
        const id = await newList(region)
        await region.sql("update list_rows set state = 'faulty' where list_id = $1", [id])
        return { path: `/staff/lists/${id}/faults?format=csv` }
      },
      shows: listedName,
      for: ['librarian', 'operator'],
    },
  ],
  '/staff/lists/export page': [
    {
      about: 'the form',
      ask: () => ({ path: '/staff/lists/export' }),
      showsOnPage: 'Столбцы по порядку',
      for: ['librarian', 'librarian2', 'operator'],
    },
  ],
  '/staff/lists/export/file POST': [
    {
      about: 'readers',
      ask: () => ({
        path: '/staff/lists/export/file',
        form: { kind: 'readers', format: 'csv', 'place-0': 'fullName' },
      }),
      shows: names.owner,
      for: ['librarian', 'operator'],
      without: ['librarian2'],
    },
    {
      about: 'Буй’s questionnaires',
      ask: ({ libraries }) => ({
        path: '/staff/lists/export/file',
        form: {
          kind: 'questionnaires',
          format: 'csv',
          libraryId: libraries.librarian,
          'place-0': 'fullName',
        },
      }),
      for: ['librarian', 'operator'],
    },
  ],
}

const listUpload = ({ libraries }: Region, more: Record<string, string> = {}): Asked => ({
  path: '/staff/lists/new',
  form: { formKey: randomUUID(), kind: 'questionnaires', libraryId: libraries.librarian, ...more },
  upload: {
    field: 'file',
    name: 'Список Буя.csv',
    bytes: new TextEncoder().encode(`ФИО;Дата рождения\n${listedName};05.03.1990`),
  },
})

const listForm = ({ consentVersion }: Region): Record<string, string> => ({
  'column-0': 'fullName',
  'column-1': 'birthDate',
  consentGiven: 'on',
  consentVersion,
  signedOn: '01.11.2026',
})

/** A list of Буй's, brought in by the operator; whatever worked on it doesn't matter for who reaches it. */
async function newList(
  region: Region,
  more: Record<string, string> = {},
  state: 'mapping' | 'checked' | 'running' | 'done' = 'mapping',
): Promise<string> {
  const { location } = await region.done('operator', listUpload(region, more))
  const id = location.slice(-36)
  if (state !== 'mapping')
    await region.sql("update lists set state = $2, mapping = '{}', terms = '{}' where id = $1", [id, state])
  return id
}

/** A reader of Буй's and his card. */
async function withNewCard(region: Region) {
  const id = await region.newReader()
  const [row] = await region.sql("select number from cards where reader_id = $1 and state = 'issued'", [id])
  return { id, card: row?.['number'] ?? '' }
}

/** Numbers of cards that were there before. */
let ranges = 0

/** A word that nobody's name has had before. */
let mendings = 0
const mended = () => {
  mendings += 1
  return `${'а'.repeat(mendings)}бв`
}

const place = (loan: string): Asked => ({
  method: 'PUT',
  path: `/read/${loan}/position`,
  json: { locator: 'epubcfi(/6/2!/4/2)', fraction: 0.5, revision: 0 },
})

const consent = (libraryId: string): Asked => ({
  path: '/staff/applications/consent',
  form: { libraryId, fullName: names.owner, birthDate: '', guardianName: '', guardianRelation: '' },
})
