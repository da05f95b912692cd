import type { Line } from './document.ts'
import { isNothing, readEmail, readFullName, readPhone } from './fields.ts'
import {
  isFamilyHeading,
  isForeign,
  isStaffLine,
  isTitle,
  labelOf,
  mostLabel,
  naming,
  readLabelled,
  withoutRule,
  type Label,
  type Labelled,
} from './labels.ts'
import { readBirthDate } from '../person/birth-dates.ts'
import type { Place } from './questionnaire.ts'
import { Recorder, type Entry } from './records.ts'

/** Where a letter's own text ends. */
const signature =
  /^\s*(--\s*$|с уваж|с ув\.|с наилучшими|с благодарностью|с пожеланиями|всего доброго|хорошего дня|спасибо[!.,]?\s*$|best regards|kind regards|отправлено (с|из)|sent from|настоящее сообщение|данное сообщение|это сообщение|это электронное письмо|данное электронное|конфиденциальн|внимание[!:]|this (e-?mail|message)|disclaimer|no virus|вирусов нет|проверено)/iu

/** A value that stands alone under its label; blank lines lie between where mail flattens a table. */
interface Waiting {
  label: Label
  gap: number
  blanks: number
}

/**
 * Reads «label: value» lines, values under their labels, and several of them in one line. What stands in
 * signatures, sentences and parts about somebody else becomes no field, or a doubtful one.
 */
export class TextLines {
  readonly #records: Recorder
  readonly #part: (line: number, page: number | undefined) => Place
  #waiting: Waiting | undefined
  #last: Entry | undefined
  /** Blank lines since the last value. */
  #gap = 0
  /** Text that is no part of a questionnaire stood between. */
  #broken = false
  #skipping: 'signature' | 'family' | undefined
  /** The name below a heading about the family has come. */
  #familyNamed = false
  #number = 0
  /** Values that stood under their label with blank lines between. */
  readonly #apart: Entry[] = []
  libraryCode: string | undefined

  constructor(records: Recorder, place: (line: number, page: number | undefined) => Place, number = 0) {
    this.#records = records
    this.#part = place
    this.#number = number
  }

  /** For the lines after a table: they are counted on. */
  next(records: Recorder): TextLines {
    return new TextLines(records, this.#part, this.#number)
  }

  read(line: Line): void {
    this.#number += 1
    const text = line.text
      .replace(/\p{Cf}/gu, '')
      .replace(/\u00a0/gu, ' ')
      .trim()
    if (text === '') {
      this.#gap += 1
      if (this.#waiting) this.#waiting.blanks += 1
      this.#last = undefined
      return
    }
    const { found: many, before } = severalIn(text)
    // «МБУК „Библиотека“, тел.: …, e-mail: …»: a letterhead.
    if (many.length > 0 && isForeign(before) && !this.#waiting) this.#break(this.#skipping)
    else if (many.length > 1) for (const each of many) this.#take(each, line)
    else this.#one(text, line)
    this.#gap = 0
  }

  /** A table stands here, or the text ends. */
  end(): void {
    this.#leave()
    this.#records.close()
    this.#broken = false
    this.#skipping = undefined
    // One alone with blank lines between may as well be the next paragraph.
    if (this.#apart.length === 1) this.#apart[0]?.doubts.push('ambiguous')
    this.#apart.length = 0
  }

  #one(text: string, line: Line): void {
    if (signature.test(text)) return this.#break('signature')
    const labelled = readLabelled(text)
    if (labelled && believable(labelled, text)) return this.#take(labelled, line)
    if (isTitle(text)) {
      this.#leave()
      this.#records.close()
      this.#broken = false
      this.#skipping = undefined
      this.#gap = Number.POSITIVE_INFINITY
      return
    }
    // «(заполняется печатными буквами)»
    if (/^\(.*\)$/u.test(text) || /^[_.\s]+$/u.test(text)) return
    // The lines of a table that is drawn in text.
    if (/^[+|][-+|=\s]*$/u.test(text)) return
    // «Отправитель:» is a heading like «Законный представитель»: a name follows that is no reader's.
    if ((isStaffLine(text) && text.endsWith(':')) || (!this.#waiting && isFamilyHeading(text))) {
      this.#break('family')
      this.#familyNamed = false
      return
    }
    if (!this.#waiting && isStaffLine(text)) return this.#break('signature')
    if (this.#waiting) return this.#answer(text, line)
    // «ФИО родителя: …», «Класс: 4 Б»: a row of the form that we have none for.
    if (this.#gap === 0 && this.#records.isOpen && /^[\p{L}\s(),./-]{2,40}:\s*\S.{0,100}$/u.test(text)) {
      this.#last = undefined
      return
    }
    const looks = this.#skipping ? [] : byLooks(text.split(/[;,|\t]|\s{3,}/u))
    this.#carriedOn(text)
    this.#break(this.#skipping)
    if (looks.length > 0) {
      this.#records.close()
      for (const entry of looks) this.#records.add(entry, this.#part(this.#number, line.page), line.quoted)
      this.#records.close()
    }
  }

  #take({ label, value }: Labelled, line: Line): void {
    this.#leave()
    if (label === 'libraryCode') {
      this.libraryCode ??= value
      return
    }
    const names = naming.has(label)
    if (this.#skipping === 'family' && !(names && this.#familyNamed)) {
      this.#familyNamed ||= names
      return
    }
    if (this.#skipping) {
      if (!names) return
      this.#skipping = undefined
      this.#records.close()
    }
    if (value === '') {
      this.#waiting = { label, gap: this.#gap, blanks: 0 }
      return
    }
    this.#add(label, value, this.#gap, line)
  }

  /** The text under a label that had nothing beside it. */
  #answer(text: string, line: Line): void {
    const { label, gap, blanks } = this.#waiting as Waiting
    this.#waiting = undefined
    const entry = this.#add(label, withoutRule(text), gap, line)
    if (entry && blanks > 0) this.#apart.push(entry)
  }

  #add(label: Label, raw: string, gap: number, line: Line): Entry | undefined {
    const known = this.#records.has(label)
    const opens = naming.has(label)
    // Below a sentence a second telephone is the library's own.
    if (this.#broken && this.#records.isOpen && known && !opens) return undefined
    const entry: Entry = {
      label,
      raw: label === 'password' ? '' : raw,
      // The row of the form was left empty: whose it is that comes below, nobody says.
      doubts: (this.#broken || known) && this.#records.isOpen && !opens ? ['ambiguous'] : [],
      gap,
    }
    // What stands above a name and apart from it belongs to somebody else: a letterhead.
    if (opens && (this.#broken || gap > 0) && !this.#records.isNamed) this.#records.close()
    if (opens) this.#broken = false
    this.#last = entry
    return this.#records.add(entry, this.#part(this.#number, line.page), line.quoted)
  }

  /** A label that nothing followed. */
  #leave(): void {
    if (this.#waiting) this.#add(this.#waiting.label, '', this.#waiting.gap, { kind: 'line', text: '' })
    this.#waiting = undefined
  }

  /** A line right under a value may be the rest of it. */
  #carriedOn(text: string): void {
    if (this.#last && !isForeign(text) && /^[\p{L}\d@.+() '-]{1,60}$/u.test(text))
      this.#last.doubts.push('ambiguous')
  }

  #break(skipping: 'signature' | 'family' | undefined): void {
    this.#leave()
    this.#last = undefined
    this.#broken = true
    this.#skipping = skipping
    this.#gap = Number.POSITIVE_INFINITY
  }
}

/** Without a colon a label may be the beginning of a sentence: then its value must look like one. */
function believable({ label, value, separated }: Labelled, text: string): boolean {
  if (separated) return value !== '' || text.length <= 80
  if (label === 'email') return value.includes('@')
  if (label === 'phone') return readPhone(value).value !== undefined || /^[+\d]/u.test(value)
  if (label === 'birthDate') return typeof readBirthDate(value) === 'string' || /^\d/u.test(value)
  if (label === 'fullName') return readFullName(value).value !== undefined
  if (label === 'surname' || label === 'givenName' || label === 'patronymic')
    return /^\p{Lu}[\p{L}'-]+$/u.test(value)
  return /^\d/u.test(value)
}

/** «ФИО: Иванов Иван Иванович; д.р. 05.03.2009; тел. 8 910 …»: the parts, when two or more begin with labels. */
function severalIn(text: string): { found: Labelled[]; before: string } {
  const found: Labelled[] = []
  // «Фамилия, имя, отчество: …» is one label, though commas stand in it.
  let begun = ''
  let before = ''
  let foreign = false
  for (const piece of partedAtLabels(text).split(/\s*[;,|\t]\s*|\s{3,}/u)) {
    const whole = begun === '' ? piece : `${begun}, ${piece}`
    // What came so far is no label any more: looking into it with each further piece would take for ever.
    const together = begun.length > mostLabel ? undefined : told(whole)
    const labelled = together ?? (begun === '' ? undefined : told(piece))
    const last = found.at(-1)
    if (labelled && !together && !last) before = begun
    if (labelled) {
      found.push(labelled)
      begun = ''
      foreign = false
    } else if (labelOf(piece) || begun !== '' || !last) begun = whole
    else if (/^[^:]{2,40}:/u.test(piece)) foreign = isForeign(piece)
    else if (!foreign && piece !== '') last.value = last.value === '' ? piece : `${last.value}, ${piece}`
  }
  return { found, before }
}

/** A label with its value, or with a colon at least: a word among commas may be a part of another label. */
function told(text: string): Labelled | undefined {
  const labelled = readLabelled(text)
  const whole = labelled && (labelled.value !== '' || text.includes(':'))
  return whole && believable(labelled, text) ? labelled : undefined
}

/** Before each «label:» within a line a semicolon: «д.р.: 05.03.2009 г. тел.: 8 910 …» has none of its own. */
function partedAtLabels(text: string): string {
  let parted = ''
  let from = 0
  for (const { index } of text.matchAll(/:(?!\/\/)/gu)) {
    const before = text.slice(from, index)
    const words = [...before.matchAll(/\S+/gu)].slice(-6)
    const first = words.find((word) => labelOf(before.slice(word.index)) !== undefined)
    if (first && parted + before.slice(0, first.index) !== '')
      parted += `${before.slice(0, first.index)}; ${before.slice(first.index)}:`
    else parted += `${before}:`
    from = index + 1
  }
  return (parted + text.slice(from)).replace(/^; /u, '')
}

/** A row of more values is nobody's. */
const mostValues = 50

/** What can be told by its looks in a line without labels. */
export function byLooks(texts: readonly string[]): Entry[] {
  if (texts.length > mostValues) return []
  const entries: Entry[] = []
  const take = (label: Label, raw: string) => entries.push({ label, raw, doubts: ['unlabelled'], gap: 0 })
  const bare = (text: string) => text.trim().replace(/^\d{1,3}[.)]\s*(?=\p{L})/u, '')
  for (const text of texts.map(bare).filter((each) => !isNothing(each))) {
    if (labelOf(text)) return []
    if (text.includes('@')) {
      if (readEmail(text).value !== undefined) take('email', text)
    } else if (typeof readBirthDate(text) === 'string') take('birthDate', text)
    else if (readPhone(text).value !== undefined) take('phone', text)
    else if (text.includes(' ') && readFullName(text).value !== undefined && !isForeign(text))
      take('fullName', text)
  }
  const labels = new Set(entries.map(({ label }) => label))
  return labels.has('fullName') && labels.size >= 3 ? entries : []
}
