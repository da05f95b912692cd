/** What is told of a letter that came back, in the shapes in which mail systems write it. */
export interface BouncedLetter {
  /** Of our message, without angle brackets. */
  messageId: string
  /** Whom it was for. */
  to: string
}

const ours = ({ messageId, to }: BouncedLetter) =>
  `Received: from library.test (library.test [192.0.2.10]) by mx.out.test with ESMTPS id 4Xq;
\tTue, 24 Nov 2026 12:00:00 +0300 (MSK)
From: =?UTF-8?B?0JHQuNCx0LvQuNC+0YLQtdC60LA=?= <books@library.test>
To: ${to}
Subject: =?UTF-8?B?0JHQuNC70LXRgg==?=
Message-ID:
 <${messageId}>
MIME-Version: 1.0`

interface ReportFacts {
  /** `<mail>` of the mail system. */
  from: string
  /** The header's other lines, each with its end. */
  head?: string
  text: string
  /** The groups of fields of message/delivery-status. */
  status: string
  returned: string
  returnedType?: string
}

const report = ({ from, head = '', text, status, returned, returnedType = 'message/rfc822' }: ReportFacts) =>
  `Return-Path: <>
From: ${from}
To: books@library.test
Subject: Undelivered Mail Returned to Sender
Date: Tue, 24 Nov 2026 12:00:05 +0300 (MSK)
Message-Id: <20261124090005.4Xq@mx.out.test>
Auto-Submitted: auto-replied
${head}MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="4Xq.1700000000/mx.out.test"

This is a MIME-encapsulated message.

--4Xq.1700000000/mx.out.test
Content-Description: Notification
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

${text}

--4Xq.1700000000/mx.out.test
Content-Description: Delivery report
Content-Type: message/delivery-status

${status}

--4Xq.1700000000/mx.out.test
Content-Description: Undelivered Message
Content-Type: ${returnedType}

${returned}

--4Xq.1700000000/mx.out.test--
`

const words = (from: string, head: string, text: string) =>
  `Return-Path: <>
From: ${from}
To: books@library.test
Subject: failure notice
Date: 24 Nov 2026 09:00:05 -0000
Message-Id: <20261124090005.12345@mx.far.test>
${head}MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

${text}
`

/** RFC 3464, appendix E.1, with our letter in it. */
export const rfcExample = (letter: BouncedLetter) =>
  report({
    from: 'Mail Delivery Subsystem <MAILER-DAEMON@cs.utk.test>',
    text: `The original message was received at Tue, 24 Nov 2026 05:00:05 -0400
from root@localhost

   ----- The following addresses had permanent fatal errors -----
<${letter.to}>`,
    status: `Reporting-MTA: dns; cs.utk.test

Original-Recipient: rfc822;${letter.to}
Final-Recipient: rfc822;${letter.to}
Action: failed
Status: 5.0.0 (permanent failure)
Diagnostic-Code: smtp;
 550 '${letter.to}' is not a
 registered gateway user
Remote-MTA: dns; vnet.test`,
    returned: ours(letter),
  })

export const postfix = (
  letter: BouncedLetter,
  {
    action = 'failed',
    status = '5.1.1',
    answer = `550 5.1.1 <${letter.to}>: Recipient address rejected: User unknown`,
  } = {},
) =>
  report({
    from: 'MAILER-DAEMON@mx.out.test (Mail Delivery System)',
    text: `This is the mail system at host mx.out.test.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

<${letter.to}>: host mx.far.test[198.51.100.7] said: ${answer} (in reply to RCPT TO command)`,
    status: `Reporting-MTA: dns; mx.out.test
X-Postfix-Queue-ID: 4Xq
X-Postfix-Sender: rfc822; books@library.test
Arrival-Date: Tue, 24 Nov 2026 12:00:00 +0300 (MSK)

Final-Recipient: rfc822; ${letter.to}
Original-Recipient: rfc822;${letter.to}
Action: ${action}
Status: ${status}
Remote-MTA: dns; mx.far.test
Diagnostic-Code: smtp; ${answer}`,
    returned: `${ours(letter)}\n\nЗдравствуйте`,
  })

/** Exim 4.88 and newer. */
export const exim = (letter: BouncedLetter) =>
  report({
    from: 'Mail Delivery System <Mailer-Daemon@mx.exim.test>',
    head: `X-Failed-Recipients: ${letter.to}\nReferences: <${letter.messageId}>\n`,
    text: `This message was created automatically by mail delivery software.

A message sent by

  <books@library.test>

could not be delivered to one or more of its recipients. The following
address(es) failed:

  ${letter.to}
    host mx.far.test [198.51.100.7]
    SMTP error from remote mail server after RCPT TO:<${letter.to}>:
    550 5.1.1 No such mailbox`,
    status: `Reporting-MTA: dns; mx.exim.test

Action: failed
Final-Recipient: rfc822;${letter.to}
Status: 5.0.0
Remote-MTA: dns; mx.far.test
Diagnostic-Code: smtp; 550 5.1.1 No such mailbox`,
    returned: ours(letter),
    returnedType: 'text/rfc822-headers',
  })

/** Exim before 4.88: words, a header, and a copy below. */
export const oldExim = (letter: BouncedLetter) =>
  words(
    'Mail Delivery System <Mailer-Daemon@mx.exim.test>',
    `X-Failed-Recipients: ${letter.to}\nAuto-Submitted: auto-replied\n`,
    `This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  ${letter.to}
    SMTP error from remote mail server after RCPT TO:<${letter.to}>:
    host mx.far.test [198.51.100.7]: 550 5.1.1 User unknown

------ This is a copy of the message, including all the headers. ------

${ours(letter)}

Здравствуйте`,
  )

/** Exchange Online: the address in a table for people, no diagnostic of a mailbox but its own. */
export const exchange = (letter: BouncedLetter) =>
  report({
    from: '<postmaster@tenant.onmicrosoft.test>',
    head: `In-Reply-To: <${letter.messageId}>\nReferences: <${letter.messageId}>\n`,
    text: `Delivery has failed to these recipients or groups:

${letter.to}
The email address you entered couldn't be found.

Diagnostic information for administrators:
Generating server: AM0PR0.outlook.test
Remote Server returned '550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient ${letter.to} not found by SMTP address lookup'`,
    status: `Reporting-MTA: dns;AM0PR0.outlook.test
Received-From-MTA: dns;mx.out.test
Arrival-Date: Tue, 24 Nov 2026 09:00:02 +0000

Final-Recipient: rfc822;${letter.to}
Action: failed
Status: 5.1.10
Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient ${letter.to}
 not found by SMTP address lookup
X-Display-Name: ${letter.to}`,
    returned: ours(letter),
  })

/** mail.ru: no enhanced code in the server's words. */
export const mailRu = (letter: BouncedLetter) =>
  report({
    from: 'mailer-daemon@corp.mail.test',
    text: `Это письмо создано автоматически сервером Mail.Ru, отвечать на него не нужно.

К сожалению, Ваше письмо не может быть доставлено одному или нескольким получателям:

**********************
${letter.to}
550 Message was not accepted -- invalid mailbox. Local mailbox ${letter.to} is unavailable: user not found
**********************`,
    status: `Reporting-MTA: dns; f123.i.mail.test

Final-Recipient: rfc822; ${letter.to}
Action: failed
Status: 5.0.0
Remote-MTA: dns; mxs.mail.test
Diagnostic-Code: smtp; 550 Message was not accepted -- invalid mailbox. Local mailbox ${letter.to} is unavailable: user not found`,
    returned: ours(letter),
  })

/** Yandex: a policy's code over words that leave no doubt. */
export const yandex = (letter: BouncedLetter) =>
  report({
    from: '"Mail Delivery System" <mailer-daemon@yandex.test>',
    text: `Это сообщение сформировано почтовой системой. Письмо не доставлено.

<${letter.to}>: host mx.yandex.test[203.0.113.5] said: 550 5.7.1 No such user! (in reply to RCPT TO command)`,
    status: `Reporting-MTA: dns; forward500.mail.yandex.test

Final-Recipient: rfc822; ${letter.to}
Original-Recipient: rfc822;${letter.to}
Action: failed
Status: 5.7.1
Diagnostic-Code: smtp; 550 5.7.1 No such user! 1700000000-Ab1`,
    returned: ours(letter),
    returnedType: 'text/rfc822-headers',
  })

export const qmail = (
  letter: BouncedLetter,
  answer = '198.51.100.7 does not like recipient.\nRemote host said: 550 5.1.1 unknown user\nGiving up on 198.51.100.7.',
) =>
  words(
    'MAILER-DAEMON@mx.far.test',
    '',
    `Hi. This is the qmail-send program at mx.far.test.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<${letter.to}>:
${answer}

--- Below this line is a copy of the message.

Return-Path: <books@library.test>
${ours(letter)}

Здравствуйте`,
  )

/** Old Exchange: words, and the head that it got. */
export const oldExchange = (letter: BouncedLetter) =>
  words(
    'System Administrator <postmaster@far.test>',
    '',
    `Your message did not reach some or all of the intended recipients.

The following recipient(s) could not be reached:

${letter.to}
    The e-mail account does not exist at the organization this message was sent to.
    <mx.far.test #5.1.1 smtp;550 5.1.1 User unknown>

Original message headers:

${ours(letter)}`,
  )

/** Every shape in which a letter comes back for good. */
export const finalBounces = {
  'RFC 3464': rfcExample,
  Postfix: postfix,
  Exim: exim,
  'Exim before 4.88': oldExim,
  'Exchange Online': exchange,
  'Exchange before': oldExchange,
  'mail.ru': mailRu,
  Yandex: yandex,
  qmail,
} as const
