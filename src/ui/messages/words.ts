import * as texts from '#texts'

const states: Record<string, () => string> = {
  queued: texts.message_state_queued,
  sending: texts.message_state_sending,
  sent: texts.message_state_sent,
  delivered: texts.message_state_delivered,
  undelivered: texts.message_state_undelivered,
  failed: texts.message_state_failed,
  uncertain: texts.message_state_uncertain,
}
export const messageStateText = (state: string): string => states[state]?.() ?? state

const events: Record<string, () => string> = {
  'reader.registered': texts.message_event_registered,
  'reader.credentials': texts.message_event_credentials,
  'reader.new-password': texts.message_event_new_password,
  'reader.code': texts.message_event_code,
  'reader.password-changed': texts.message_event_password_changed,
  'reader.card-replaced': texts.message_event_card_replaced,
  'reader.provider': texts.message_event_provider,
  'library.registered': texts.message_event_library,
  'library.existing': texts.message_event_library,
  'library.returned': texts.message_event_library,
  'library.refused': texts.message_event_library,
  'library.withdrawn': texts.message_event_library,
  'library.possible-duplicate': texts.message_event_library,
  'library.letter-received': texts.message_event_letter,
  'library.letter-unreadable': texts.message_event_letter,
  'library.letter-too-large': texts.message_event_letter,
  'library.letter-waiting': texts.message_event_letter,
  'library.letter-expired': texts.message_event_letter,
  'library.invitation': texts.message_event_invitation_library,
  'staff.invitation': texts.message_event_invitation,
  'staff.reset': texts.message_event_staff_reset,
  'staff.password-changed': texts.message_event_staff_changed,
  'central.overdue': texts.message_event_overdue,
}
export const messageEventText = (event: string): string => events[event]?.() ?? event

const channels: Record<string, () => string> = {
  sms: texts.message_channel_sms,
  email: texts.message_channel_email,
  paper: texts.message_channel_paper,
}
export const messageChannelText = (channel: string): string => channels[channel]?.() ?? channel

const faults: Record<string, () => string> = {
  not_configured: texts.message_fault_not_configured,
  no_consent: texts.message_fault_no_consent,
  no_valid_card: texts.message_fault_no_valid_card,
  code_expired: texts.message_fault_code_expired,
  link_gone: texts.message_fault_link_gone,
  merged: texts.message_fault_merged,
  password_replaced: texts.message_fault_password_replaced,
  sms_month_full: texts.message_fault_month_full,
  quiet_hours: texts.message_fault_quiet_hours,
  awaits_provider: texts.message_fault_awaits_provider,
  no_provider_account: texts.message_fault_no_provider_account,
  undelivered: texts.message_fault_undelivered,
  address_refused: texts.message_fault_address_refused,
  contact_gone: texts.message_fault_contact_gone,
  broken: texts.message_fault_broken,
  no_such_number: texts.message_fault_number,
  unconfirmed: texts.message_fault_unconfirmed,
  sms_unreachable: texts.message_fault_sms_unreachable,
  sms_nonsense: texts.message_fault_sms_unreachable,
  smtp_no_tls: texts.message_fault_no_tls,
}

/** Numbers and texts that a gateway won't take, accounts without money, and keys that it doesn't know. */
const gatewayFaults: [codes: number[], () => string][] = [
  [[7, 8, 202, 207, 209, 150], texts.message_fault_number],
  [[3, 201], texts.message_fault_no_money],
  [[2, 200, 300, 301, 302, 401], texts.message_fault_sign_in],
]

/** Why a message didn't go or arrive, in words; '' when nothing is known. */
export function messageFaultText(fault: string | null): string {
  if (!fault) return ''
  const known = faults[fault]
  if (known) return known()
  if (fault.startsWith('bounce_')) return bounceText(fault.replace('bounce_', ''))
  const code = Number(/_(\d+)$/.exec(fault)?.[1])
  if (fault.startsWith('smtp_')) {
    if (code >= 550) return texts.message_fault_address()
    return serverFaultText(fault) ?? texts.message_fault_mail({ code: fault.replace(/^smtp_(rcpt)?/, '') })
  }
  const words = gatewayFaults.find(([codes]) => codes.includes(code))?.[1]
  return words?.() ?? texts.message_fault_gateway({ code: fault.replace('sms_', '') })
}

/** RFC 4954 §6: the server wants to know who we are, and doesn't. */
const signInCodes = [530, 534, 535]

/** What is the mail server's own or between it and us, whatever the letter: nobody answers, or knows us. */
function serverFaultText(fault: string): string | undefined {
  const code = Number(/_(\d+)$/.exec(fault)?.[1])
  if (signInCodes.includes(code) || fault === 'smtp_eauth') return texts.message_fault_mail_sign_in()
  // Without an answer of the server there is the error's own name: ESOCKET, ETIMEDOUT, EDNS.
  return /^smtp_[a-z]+$/.test(fault) ? texts.message_fault_mail_unreachable() : undefined
}

/** What the administrator does about it, where the fault says that by itself. */
export const mailFaultTodo = (fault: string | null): string | undefined =>
  fault === 'smtp_no_tls' ? texts.state_email_no_tls_what() : undefined

/** Why no letter goes at all. */
export const mailFaultText = (fault: string): string =>
  serverFaultText(fault) ?? texts.message_fault_mail_refuses({ code: fault.replace(/^smtp_(rcpt)?/, '') })

/** Why a letter came back, by its enhanced status code (RFC 3463 §3). */
function bounceText(status: string): string {
  if (['5.2.2', '4.2.2'].includes(status)) return texts.message_bounce_full()
  if (status.startsWith('5.1.') || status === '5.2.1') return texts.message_bounce_no_mailbox()
  return texts.message_bounce({ code: status })
}
