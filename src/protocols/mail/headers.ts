/** One line of a mail's header, unfolded, in the order in which it stands there: the newest on top. */
export interface MailHeader {
  /** Lower case. */
  name: string
  value: string
}

/** The values of all lines of that name, from the top. */
export const valuesOf = (headers: readonly MailHeader[], name: string): string[] =>
  headers.filter((each) => each.name === name).map(({ value }) => value)

const messageId = /<[^\s<>]{1,900}>/g

/** The Message-IDs in a header's value, in angle brackets; whatever isn't plain ASCII is none. */
export const messageIdsIn = (value: string): string[] =>
  (value.match(messageId) ?? []).filter((id) => /^[!-~]+$/.test(id))
