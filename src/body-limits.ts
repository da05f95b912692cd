const kilobyte = 1024
const megabyte = 1024 * kilobyte

/** What may be sent to addresses that begin so, and for how long its sending may go on. */
export interface BodyLimit {
  path: string
  bytes: number
  /** In milliseconds. */
  patience: number
  /** Large ones are taken a few at a time: each lies on disk while it is read. */
  upload?: UploadLimit
}

/** What people are told of files; a body may be larger than one, so that a file too large gets its page's own sentence. */
interface UploadLimit {
  /** The largest file, in megabytes. */
  file: number
  /** Of several at once, all together. */
  together?: number
}

/** The longest that one request may take to come in, in milliseconds. */
export const longest = 600_000

/** What is taken where nothing else is said. */
export const aForm: BodyLimit = { path: '/', bytes: megabyte, patience: 120_000 }

const upload = (path: string, megabytes: number, limit: UploadLimit): BodyLimit => ({
  path,
  bytes: megabytes * megabyte,
  patience: longest,
  upload: limit,
})

export const bodyLimits: readonly BodyLimit[] = [
  // Books are streamed to disk.
  upload('/staff/catalogue/import', 1024, { file: 512, together: 1024 }),
  upload('/staff/lists/new', 128, { file: 16 }),
  upload('/staff/provider?/receive', 128, { file: 16 }),
  upload('/staff/setup/libraries', 17, { file: 16 }),
  upload('/staff/settings/cards/mark', 32, { file: 5 }),
  // What anybody may send without signing in: one questionnaire.
  { path: '/join', bytes: 32 * kilobyte, patience: aForm.patience },
]
