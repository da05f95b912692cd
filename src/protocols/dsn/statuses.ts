/** Enhanced status codes by which a server says that there is no such mailbox (RFC 3463 §3.2, RFC 7505 §4). */
const noMailbox = new Set(['5.1.1', '5.1.2', '5.1.3', '5.1.6', '5.1.10', '5.2.1'])
/** Some say so with a general code, or without one, and then in words: mail.ru, Yandex, old servers. */
const noMailboxInWords =
  /\b(no such (user|mailbox|recipient)|user unknown|unknown user|user not found|user (does not|doesn't) exist|invalid mailbox|no mailbox here by that name|mailbox (not found|does not exist|doesn't exist))\b/i
const wordsMayStandUnder = new Set([undefined, '5.0.0', '5.1.0', '5.5.0', '5.7.1'])

/** The enhanced status code (RFC 3463) in a server's answer, such as `550 5.1.1 No such user`. */
export const enhancedStatusIn = (text: string): string | undefined =>
  /(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])/.exec(text)?.[1]

/**
 * Whether a permanent refusal says that the address itself takes nothing, now and later: not a full mailbox,
 * not a policy, not a suspicion of spam. What is doubtful says nothing of the address.
 * @param answer the refusing server's own words, with or without codes
 */
export function refusesAddress(answer: string, status = enhancedStatusIn(answer)): boolean {
  if (status !== undefined && noMailbox.has(status)) return true
  return wordsMayStandUnder.has(status) && noMailboxInWords.test(answer)
}
