/**
 * What is read out of files and letters with questionnaires («Анкета для регистрации читателей»), and why a
 * value may not be trusted. Whoever takes a value without a person looking at it asks `isSure` first.
 */

/** Why a field isn't sure. Codes are stable. */
export const doubts = [
  /** Nothing was written, or a dash, or «нет». */
  'missing',
  /** Something was written that can't be a value of this field. */
  'malformed',
  /** There is more than one candidate, or more than one way to read it: a year of two digits, two phones. */
  'ambiguous',
  /** A part of it lacks: a surname alone, initials, a phone with too few digits. */
  'incomplete',
  /** Possible, but hardly so: born tomorrow, a hundred and ten years ago, last year. */
  'unlikely',
  /** A slip of the hand: `gmail.con`, letters of two alphabets in one word. `value` may hold what was meant. */
  'misspelt',
  /** Nothing says what it is; it was known by its looks. */
  'unlabelled',
  /** It stands in an older letter that this one answers. */
  'quoted',
  /** The text may as well be in another character set. */
  'charset',
] as const

export type Doubt = (typeof doubts)[number]

export interface ReadField<T extends string = string> {
  /** As it stands in the file, spaces tidied; '' when nothing does. At most 300 characters. */
  raw: string
  /** The value as the house keeps it; with doubts it is an offer to a person, no more. */
  value: T | undefined
  /** None: the value may be taken as it is. */
  doubts: readonly Doubt[]
}

/** True when the value may be taken without asking anybody. */
export const isSure = (field: ReadField): field is ReadField & { value: string } =>
  field.value !== undefined && field.doubts.length === 0

/** Where a questionnaire stands, counted from 1 as people count; what isn't known is absent. */
export interface Place {
  sheet?: string
  page?: number
  table?: number
  row?: number
  /** Of a table with a reader in each column. */
  column?: number
  /** Line of text, of the letter or of the document. */
  line?: number
}

export interface ReadQuestionnaire {
  fullName: ReadField
  /** As `tidyEmail` keeps it. */
  email: ReadField
  /** `YYYY-MM-DD`. */
  birthDate: ReadField
  /** E.164. */
  phone: ReadField
  /** Digits. The central library's row: absent when empty. The row «Пароль» is never read. */
  cardNumber?: ReadField
  source: {
    /** File name, `archive.zip/form.docx` inside an archive; '' for the letter itself. */
    part: string
    place: Place
  }
}

/** Why a part gave nothing, or not all. Codes are stable. */
export const partFaults = [
  /** Neither an office document nor text that we know. */
  'unknown_format',
  /** More bytes, pages, rows or elements than anybody's questionnaires have. */
  'too_large',
  /** Asks for a password. */
  'encrypted',
  /** Carries programs. */
  'macro',
  /** Made to explode when unpacked. */
  'bomb',
  /** Broken, cut off, or made to confuse. */
  'damaged',
  /** A picture or a scan: nobody typed anything. */
  'no_text',
  /** The form, with nothing filled in. */
  'blank_form',
  /** Text, but no questionnaire. */
  'no_questionnaire',
  /** Files beyond the limit of a letter or of an archive were left out. */
  'too_many',
  /** An archive inside an archive. */
  'nested_archive',
  /** Took more time or memory than it may. */
  'too_slow',
  /** The time for the whole letter was used up before. */
  'no_time',
] as const

export type PartFault = (typeof partFaults)[number]

export interface ReadParts {
  questionnaires: ReadQuestionnaire[]
  faults: { part: string; code: PartFault }[]
  /** «Код библиотеки» of our forms, when all forms of the letter that have one agree. Anybody may have typed it. */
  libraryCode?: string
  /**
   * The letter's text as people can read it, where its plain text isn't: with its tables row by row, where
   * questionnaires stand in them, or decoded anew.
   */
  shown?: string
}

/** A letter, decoded. */
export interface LetterToRead {
  /** Plain text; read unless `html` has tables with questionnaires. */
  text: string
  html?: string
  /** Tells an answer («Re:») from a letter passed on («Fwd:») where the text doesn't. */
  subject?: string
  /** Nobody can tell for sure in which character set the text is. */
  unsure?: boolean
  parts: readonly LetterPart[]
}

export interface LetterPart {
  /** As the letter has it; '' when it has none. */
  name: string
  contentType: string
  content: Uint8Array
}

export const questionnaireLimits = {
  /** Bytes of one file, and of all files of an archive when unpacked. */
  fileBytes: 50 * 1024 * 1024,
  /** Files of a letter, and of an archive. */
  files: 50,
  /** Characters of text that are looked at in one file. */
  characters: 2_000_000,
  /** Rows of a sheet or a table that are looked at. */
  rows: 5_000,
  pages: 200,
  /** Questionnaires of one letter. */
  questionnaires: 2_000,
  /** Characters of a letter's text that are kept for showing. */
  shown: 20_000,
} as const
