import type { Line } from './document.ts'

const passedOn =
  /^[-\s_>*]*(начало )?(пересыла|пересланн|переадресован|перенаправлен|forwarded message|begin forwarded)/iu
const original =
  /^[-\s_>*]*(исходное сообщение|первоначальное сообщение|original message|оригинальное сообщение)/iu
const answered = /((пишет|написал|написала|написал\(а\)|wrote)\s*:?\s*$)|(^on .{5,80}wrote:?$)/iu
const headers =
  /^\s*(от|кому|копия|дата|тема|отправлено|from|to|cc|date|sent|subject|reply-to|date sent|дата отправки)\s*:\s/iu

/**
 * The lines of a letter's text: marks of quoting taken off, lines of an older letter marked. What was passed on
 * counts as the letter's own; what is quoted to be answered doesn't.
 * @param subject tells one from the other where the text says «Исходное сообщение» only
 */
export function letterLines(text: string, subject = ''): Line[] {
  const answer = /^\s*(re|ответ|на)\s*(\[\d+\])?\s*:/iu.test(subject)
  const lines: Line[] = []
  /** The last line with anything in it bore marks of quoting. */
  let marked = false
  let state: 'own' | 'passed on' | 'answered' = 'own'
  let below = 0
  const all = text.split(/\r\n|\r|\n/u)
  for (const [index, each] of all.entries()) {
    const [marks = ''] = /^(\s*(>|&gt;)\s?)*/u.exec(each) ?? []
    const plain = each.slice(marks.length)
    const deep = marks.includes('>') || marks.includes('&gt;')
    const mark = passedOn.test(plain)
      ? 'passed on'
      : original.test(plain) || beginsHeaders(plain, all.slice(index + 1, index + 5))
        ? answer
          ? 'answered'
          : 'passed on'
        : plain.length < 200 && answered.test(plain.trim())
          ? 'answered'
          : undefined
    if (mark) {
      state = mark
      below = 0
      // A heading: what stands above it is done with.
      lines.push({ kind: 'line', text: '---' })
      continue
    }
    below += 1
    // From whom and when, right below the mark.
    if (state !== 'own' && below < 12 && headers.test(plain)) continue
    // Quoted text has ended, and the letter goes on below it.
    if (state === 'answered' && marked && !deep && plain.trim() !== '') state = 'own'
    if (plain.trim() !== '') marked = deep
    const quoted = state === 'answered' || (state === 'own' && deep)
    lines.push({ kind: 'line', text: plain, quoted })
  }
  return lines
}

/** «От: …», «Отправлено: …», «Кому: …»: an older letter that Outlook puts below without any mark. */
const beginsHeaders = (line: string, next: readonly string[]): boolean =>
  /^\s*[>*]*\s*(от|from)\s*:/iu.test(line) &&
  next.filter((each) => headers.test(each.replace(/^[\s>*]+/u, ''))).length >= 2
