import type { BuiltIn } from './template-ids.ts'

const signIn =
  'How to sign in: open {страница входа}, type the number and the password, press “Sign in with a library card”.'
const credentials = 'Library card number: {билет}\nPassword: {пароль}'
const library = '{библиотека}[, {телефон библиотеки}]'
const paragraphs = (...parts: string[]) => parts.join('\n\n')
const afterSignIn = (what: string) => `${what} (after a staff sign-in):\n{ссылка}`
const papers = 'The card number and the slip (after a staff sign-in):\n{ссылка}'

const sms: BuiltIn['sms'] = {
  'reader.registered': `Smart Library {адрес}
Card {билет}
Password {пароль}
[{поставщик}: {номер у поставщика}, password {пароль у поставщика}]`,
  'reader.credentials': `Smart Library {адрес}
You are registered already, your card is {какой билет}
Card {билет}
Password {пароль}`,
  'reader.new-password': `Smart Library, new password {адрес}
Card {билет}
Password {пароль}`,
  'reader.card-replaced': `Smart Library {адрес}
New card {билет}
The same password`,
  'reader.provider': `Books: {поставщик}[
{адрес поставщика}]
Number {номер у поставщика}
Password {пароль у поставщика}
Press “Sign in with a library card”[
At {адрес} your card is {билет}]`,
  'reader.code': 'Smart Library: {код} is the code for a new password, for half an hour. Tell it to nobody.',
}

const email: BuiltIn['email'] = {
  'reader.registered': {
    subject: 'Your Smart Library card',
    body: paragraphs(
      'Hello {имя},',
      '{библиотека} has registered you with Smart Library. You can now read books on a phone, tablet or computer, free of charge.',
      credentials,
      signIn,
      '[One more account, “{поставщик}”[ ({адрес поставщика})]:\nNumber: {номер у поставщика}\nPassword: {пароль у поставщика}]',
      'If something doesn’t work, turn to your library[: {телефон библиотеки}].',
    ),
  },
  'reader.credentials': {
    subject: 'A new password for your Smart Library card',
    body: paragraphs(
      'Hello {имя},',
      'You are registered with Smart Library already; there is no need to do it again. Your card is {какой билет}, the password is a new one. Your books and the place where you stopped are kept.',
      credentials,
      'The old password doesn’t work any more; sign in anew on every device.',
      signIn,
      `If this wasn’t you, turn to the library at once: ${library}.`,
    ),
  },
  'reader.new-password': {
    subject: 'A new password for your library card',
    body: paragraphs(
      'Hello {имя},',
      'The library has given you a new password. The old one doesn’t work any more; sign in anew on every device.',
      credentials,
      signIn,
      `If you didn’t ask for this, turn to the library at once: ${library}.`,
    ),
  },
  'reader.provider': {
    subject: 'Your number and password: {поставщик}',
    body: paragraphs(
      'Hello {имя},',
      '{библиотека} has registered you with Smart Library. You can now read the books that the library has paid for, free of charge: “{поставщик}”[, {адрес поставщика}].',
      'Library card number: {номер у поставщика}\nPassword: {пароль у поставщика}',
      '[Get the app for your phone or tablet:\n{приложения поставщика}]',
      'To sign in, choose “Sign in with a library card” and type this number and this password.',
      '[{указания поставщика}]',
      '[The library’s own books are at {адрес}: card number {билет}, password: {пароль}.]',
      'If something doesn’t work, turn to your library[: {телефон библиотеки}].',
    ),
  },
  'reader.code': {
    subject: 'The code for a new Smart Library password',
    body: paragraphs(
      'Hello {имя},',
      'The code for a new password: {код}',
      'Type it on the page {страница пароля}. It works for half an hour. Tell it to nobody: the library’s staff never ask for it.',
      'If you didn’t ask for a code, there is nothing to do: the password is what it was.',
    ),
  },
  'reader.password-changed': {
    subject: 'Your Smart Library password has been changed',
    body: paragraphs(
      'Hello {имя},',
      'The password of your library card has been changed; sign in anew on other devices.',
      `If this wasn’t you, change the password on the page {страница пароля} or turn to the library: ${library}.`,
    ),
  },
  'reader.card-replaced': {
    subject: 'A new library card number',
    body: paragraphs(
      'Hello {имя},',
      'Your library card has been replaced. The old number doesn’t work any more; the password is the same as before. Your books and your places in them are kept.',
      'Library card number: {билет}',
      signIn,
      `If you didn’t ask for this, turn to the library at once: ${library}.`,
    ),
  },
  'library.registered': {
    subject: 'A reader has been registered',
    body: paragraphs('Your library’s questionnaire is done: the reader is registered.', papers),
  },
  'library.existing': {
    subject: 'The reader was registered already',
    body: paragraphs(
      'Your library’s questionnaire is done: this reader was registered with Smart Library already. There is no second record; the reader’s password is a new one.',
      papers,
    ),
  },
  'library.returned': {
    subject: 'A questionnaire is to be mended',
    body: paragraphs(
      'The central library has returned your library’s questionnaire: something in it is to be mended.',
      afterSignIn('What it is, stands here'),
    ),
  },
  'library.refused': {
    subject: 'A questionnaire was refused',
    body: paragraphs(
      'The central library can’t register the reader of your library’s questionnaire.',
      afterSignIn('Why, stands here'),
    ),
  },
  'library.withdrawn': {
    subject: 'A questionnaire was taken out of the queue',
    body: paragraphs(
      'The central library has taken your library’s questionnaire out of the queue: there will be no decision.',
      afterSignIn('Why, stands here'),
    ),
  },
  'library.possible-duplicate': {
    subject: 'The reader may be registered already',
    body: paragraphs(
      'The reader of your library’s questionnaire may be registered with Smart Library already. The central library looks into it and answers; there is nothing to do.',
      afterSignIn('The questionnaire'),
    ),
  },
  'library.letter-received': {
    subject: 'Questionnaires received: confirm the consents',
    body: paragraphs(
      'Your letter is here. Questionnaires in it: {сколько анкет}; read without a doubt: {сколько готово}.',
      '[To be looked at: {сколько проверить}.]',
      '[Files in which no questionnaire could be read: {сколько файлов}.]',
      afterSignIn(
        'They wait for you: confirm that the consents are signed on paper. It is one button for all',
      ),
      'Until you confirm, nothing is sent to anybody. They are kept for 30 days.',
    ),
  },
  'library.letter-unreadable': {
    subject: 'No questionnaire was found in your letter',
    body: paragraphs(
      'Your letter is here, but we could read no questionnaire in it. The letter stays with us, and people will see it.',
      'Please fill in the attached form on a computer (not by hand) and send it as an answer to this letter. Or enter the reader on the site: {адрес}/staff/applications/new',
      afterSignIn('The letter'),
    ),
  },
  'library.letter-too-large': {
    subject: 'Your letter is too large',
    body: paragraphs(
      'Your letter is larger than 25 MB, so we didn’t look for questionnaires in it. The letter stays with us, and people will see it.',
      'Please send the questionnaires once more without large files: fill in the form of this letter on a computer, scans aren’t needed. Or enter the readers on the site: {адрес}/staff/applications/new',
      afterSignIn('The letter'),
    ),
  },
  'library.letter-waiting': {
    subject: 'Questionnaires wait for you to confirm them',
    body: paragraphs(
      'Questionnaires of your letter are still waiting: confirm that the consents are signed on paper, or remove those that aren’t needed. Later they go by themselves, and the readers aren’t registered.',
      afterSignIn('The questionnaires'),
    ),
  },
  'library.letter-expired': {
    subject: 'Questionnaires of your letter are removed',
    body: paragraphs(
      'Questionnaires of your letter waited 30 days to be confirmed and are removed. Their readers aren’t registered. If they still want to be, send the questionnaires again.',
      afterSignIn('The letter'),
    ),
  },
  'library.invitation': {
    subject: 'An invitation to Smart Library: {библиотека}',
    body: paragraphs(
      'Hello {имя},',
      '{центральная библиотека} invites your library to Smart Library: your readers will read e-books on their phones, free of charge, after one visit to you.',
      'Begin with this link: open it and choose a password.\n{ссылка для входа}',
      'The link works until {срок}, and once. Pass it on to nobody: it is you who gets in with it.',
      'How the service works is in the attached letter. The questionnaire’s form and the reader’s consent are with it.',
      '[Questions:\n{контакты отдела}]',
    ),
  },
  'staff.invitation': {
    subject: 'An invitation to Smart Library',
    body: paragraphs(
      'Hello {имя},',
      '[{кто приглашает} invites you to work in Smart Library. ]Your library: {библиотека}.',
      'Open the link and choose a password:\n{ссылка для входа}',
      'The link works until {срок}, and once. Pass it on to nobody: it is you who gets in with it.',
      '[Questions:\n{контакты отдела}]',
    ),
  },
  'staff.reset': {
    subject: 'A new staff password',
    body: paragraphs(
      'Hello {имя},',
      'To choose a new password open the link:\n{ссылка для входа}',
      'The link works until {срок}, and once. The password you have works meanwhile; after the change sign in anew on every device.',
      'If you didn’t ask for this, there is nothing to do.',
    ),
  },
  'staff.password-changed': {
    subject: 'Your staff password has been changed',
    body: paragraphs(
      'Hello {имя},',
      'Your password for Smart Library has been changed: {страница сотрудников}',
      'If this wasn’t you, tell the administrator at once.',
    ),
  },
  'central.overdue': {
    subject: 'Questionnaires wait too long',
    body: paragraphs(
      'Questionnaires that have waited for a decision longer than {сколько часов} h: {сколько анкет}. District libraries and readers wait for an answer.',
      'The queue (after a staff sign-in):\n{ссылка}',
    ),
  },
}

/** `# ` begins a heading, `1. ` a step, `- ` an item; the link with its code follows the text. */
const paper: BuiltIn['paper'] = {
  'library.invitation': {
    subject: 'An invitation to Smart Library',
    body: paragraphs(
      'Dear colleagues,',
      'We invite your library ({библиотека}) to Smart Library. Readers of the district will read e-books on a phone, a tablet or a computer, free of charge. They come to the library only once.',
      '# What to do',
      [
        '1. Open the link at the foot of this letter, or point a phone’s camera at the code. Choose a password. The link is personal, it is for {имя}.',
        '2. When a reader comes, fill in the questionnaire at {адрес}/staff: full name, e-mail, date of birth, phone. The last two lines, card number and password, are filled in by us.',
        '3. Print the consent and have it signed; for a child a parent signs. The consent stays with you.',
        '4. Send the questionnaire. We register the reader: card number and password come to you on the site, and to the reader by SMS or e-mail.',
        '5. Give the reader the slip. It says how to sign in with the library card and begin to read.',
      ].join('\n'),
      '# If mail suits you better',
      'The questionnaire’s form comes with this letter. Fill it in on a computer and send it to the address printed on it. The reader’s consent stays with you on paper.',
      '# Library cards',
      'Printed cards with a number are ordered from us: section “Cards” after signing in.',
      '[# Questions\n{контакты отдела}]',
      'Yours sincerely,\n{центральная библиотека}',
    ),
  },
}

export const english: BuiltIn = { sms, email, paper }
