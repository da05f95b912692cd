import { join } from 'node:path'
import { createApplicationQueries } from '#core/applications/applications.queries.ts'
import { createDeciding } from '#core/applications/deciding.commands.ts'
import { createDecisionQueries } from '#core/applications/decisions.queries.ts'
import { createExisting } from '#core/applications/existing.commands.ts'
import { createHolding } from '#core/applications/holding.commands.ts'
import { createLikeQueries } from '#core/applications/likes.queries.ts'
import { createTellOverdue } from '#core/applications/overdue.jobs.ts'
import { createQueueQueries } from '#core/applications/queue.queries.ts'
import { createDrafts } from '#core/applications/drafts.commands.ts'
import { createDraftQueries } from '#core/applications/drafts.queries.ts'
import { createHomeForms } from '#core/applications/home.commands.ts'
import { createSending } from '#core/applications/sending.commands.ts'
import { createUndoing } from '#core/applications/undoing.commands.ts'
import { createAuditLog } from '#core/audit/audit.ts'
import { createLogQueries } from '#core/oversight/log.queries.ts'
import { createOutsideHead } from '#core/oversight/outside-head.ts'
import { createBackups } from '#core/backups/backups.commands.ts'
import { createBackupQueries } from '#core/backups/backups.queries.ts'
import { createBatches } from '#core/cards/batches.commands.ts'
import { createCardOrders } from '#core/cards/orders.commands.ts'
import { createLowStock } from '#core/cards/low-stock.ts'
import { createMarks } from '#core/cards/marks.ts'
import { createNumbering } from '#core/cards/numbering.ts'
import { createStockQueries } from '#core/cards/stock.queries.ts'
import { createWriteOffs } from '#core/cards/write-offs.commands.ts'
import { createCatalogue } from '#core/catalogue/catalogue.ts'
import { createFund } from '#core/catalogue/fund.ts'
import { createBookImport } from '#core/catalogue/import.ts'
import { createCirculation } from '#core/circulation/circulation.commands.ts'
import { loanFor, shelf } from '#core/circulation/circulation.queries.ts'
import { createConsentRules } from '#core/consents/consent-rules.ts'
import { createConsentTexts } from '#core/consents/consent-texts.ts'
import { createReaderConsents } from '#core/consents/reader-consents.ts'
import { createCorrections } from '#core/corrections/corrections.ts'
import { createDestructions } from '#core/destructions/destructions.commands.ts'
import { createDestructionQueries } from '#core/destructions/destructions.queries.ts'
import { createChanging } from '#core/credentials/changing.commands.ts'
import { createGiving } from '#core/credentials/giving.commands.ts'
import { createRecovering } from '#core/credentials/recovering.commands.ts'
import { createGivenUpMails } from '#core/intake/given-up.ts'
import { createQuestionnaireReader } from '#core/intake/questionnaire-reader.ts'
import { createConfirming } from '#core/letters/confirming.commands.ts'
import { createLetterDeciding } from '#core/letters/deciding.commands.ts'
import { createLetterDays } from '#core/letters/letters.jobs.ts'
import { keyInForce } from '#core/keys/in-force.ts'
import { createLetterQueries } from '#core/letters/letters.queries.ts'
import { createLetterHandler } from '#core/letters/receiving.ts'
import { createListChecking } from '#core/lists/checking.jobs.ts'
import { createExports } from '#core/lists/exports.ts'
import { createListQueries } from '#core/lists/lists.queries.ts'
import { createListMoves } from '#core/lists/moves.commands.ts'
import { createListRunning } from '#core/lists/running.jobs.ts'
import { createListUpload } from '#core/lists/upload.commands.ts'
import { createMending } from '#core/mending/mending.ts'
import { createBounceHandler } from '#core/messages/bounces.ts'
import { createChannelTests } from '#core/messages/channel-tests.ts'
import { chooseDrivers } from '#core/messages/drivers.ts'
import { createMessageHelp } from '#core/messages/again.commands.ts'
import { createMessageRules } from '#core/messages/message-rules.ts'
import { createMessageQueries } from '#core/messages/messages.queries.ts'
import { createMessages } from '#core/messages/messages.commands.ts'
import { createMessageTexts } from '#core/messages/stored-texts.ts'
import { createTextEditing } from '#core/messages/text-editing.ts'
import { createPolling } from '#core/messages/polling.commands.ts'
import { createRefusedContacts } from '#core/messages/refused-addresses.ts'
import { createNetwork } from '#core/network/network.ts'
import { createNetworkCommands } from '#core/network/network.commands.ts'
import { createNetworkQueries } from '#core/network/progress.queries.ts'
import { createAttemptLimits } from '#core/sessions/limits.ts'
import { createSessions } from '#core/sessions/sessions.commands.ts'
import { createCardPreview } from '#core/papers/card-preview.ts'
import { createConsentPapers } from '#core/papers/consent-papers.ts'
import { createEnclosures } from '#core/papers/enclosures.ts'
import { createDestructionPapers } from '#core/papers/destruction-papers.ts'
import { createLibraryLetters } from '#core/papers/library-letters.ts'
import { createOwnCard } from '#core/papers/own-card.ts'
import { createPersonPapers } from '#core/papers/person-papers.ts'
import { createPressSheets } from '#core/papers/press-sheets.ts'
import { createQuestionnaireForms } from '#core/papers/questionnaire-forms.ts'
import { createWhoSaw } from '#core/papers/who-saw.ts'
import { createSlips } from '#core/papers/slips.ts'
import { createCardChanges } from '#core/credentials/card-changes.commands.ts'
import { createMerging } from '#core/readers/merging.commands.ts'
import { createFinishMerges } from '#core/readers/merging.jobs.ts'
import { createMergeQueries } from '#core/readers/merging.queries.ts'
import { createWhereToRead } from '#core/providers/drivers.ts'
import { createProviderSettings } from '#core/providers/provider-settings.ts'
import { createReceiving } from '#core/providers/receiving.ts'
import { createProviderQueries } from '#core/providers/standing.queries.ts'
import { createWorkLists } from '#core/providers/work-lists.ts'
import { createProviderClosings } from '#core/readers/provider-closings.ts'
import { createReaderLanguage } from '#core/readers/language.ts'
import { createReaderRecord } from '#core/readers/record.queries.ts'
import { createReaderSearch } from '#core/readers/search.queries.ts'
import { createUnmerging } from '#core/readers/unmerging.commands.ts'
import { createPersonFiles } from '#core/person-file/person-file.ts'
import { createRenewing } from '#core/readers/renewing.ts'
import { createReading } from '#core/reading/reading.ts'
import { createSweep } from '#core/sessions/sessions.jobs.ts'
import { createGeneralSettings } from '#core/settings/general.ts'
import { createSettingsOverview } from '#core/settings/overview.queries.ts'
import { readSettings } from '#core/settings/settings.ts'
import { createDistricts } from '#core/setup/districts.commands.ts'
import { createMissingQueries } from '#core/setup/missing.queries.ts'
import { createSetup } from '#core/setup/setup.commands.ts'
import { dateIn } from '#core/shared/calendar.ts'
import { createArchives } from '#core/shared/archives.ts'
import type { Clock } from '#core/shared/clock.ts'
import { systemClock } from '#core/shared/clock.ts'
import { openDatabase, openPool } from '#core/shared/db.ts'
import type { Environment } from '#core/shared/environment.ts'
import type { Log } from '#core/shared/log.ts'
import { createSheetReader } from '#core/shared/sheet-reader.ts'
import { createSealer } from '#core/shared/sealing.ts'
import { remembered } from '#core/shared/remembered.ts'
import { createReadiness } from '#core/shared/readiness.ts'
import { createFileStorage } from '#core/shared/storage.ts'
import type { ReaderActor } from '#core/staff/actors.ts'
import { createGuarding } from '#core/staff-access/guarding.commands.ts'
import { createOwnPassword } from '#core/staff-access/own-password.commands.ts'
import { createPasswordAgain } from '#core/staff-access/password-again.ts'
import { createPasskeys } from '#core/staff-access/passkeys.ts'
import { createSettingUp } from '#core/staff-access/setting-up.commands.ts'
import { createStaffSignIn } from '#core/staff-access/staff-sign-in.commands.ts'
import { createStaff } from '#core/staff/staff.commands.ts'
import { createStaffChanges } from '#core/staffing/changes.commands.ts'
import { createInvitations } from '#core/staffing/invitations.commands.ts'
import { createStaffLinks } from '#core/staffing/links.commands.ts'
import { createStaffQueries } from '#core/staffing/staffing.queries.ts'
import { createCertificateLook } from '#core/watching/certificate.ts'
import { isFull } from '#core/watching/disks.ts'
import { createMetrics } from '#core/watching/metrics.ts'
import { createWatching } from '#core/watching/watching.ts'

export type App = Awaited<ReturnType<typeof createApp>>

/** What of the environment says which letters are believed. */
const intakeOf = ({ intakeAuthservIds, intakeImapUrl, mailFrom }: Environment) => ({
  authservIds:
    intakeAuthservIds.length > 0 || !intakeImapUrl ? intakeAuthservIds : [new URL(intakeImapUrl).hostname],
  ownAddress: /<([^<>]+)>\s*$/.exec(mailFrom)?.[1] ?? mailFrom,
})

/** The composition root: builds every service once, out of plain arguments. */
export async function createApp(options: {
  environment: Environment
  databaseUrl: string
  log: Log
  clock?: Clock
}) {
  const { environment, databaseUrl, log, clock = systemClock } = options
  const pool = openPool(databaseUrl)
  const db = openDatabase(pool)
  const sealer = createSealer(
    await keyInForce(db, environment.dataDir, (sentence) => log.warn(sentence)).catch(
      async (error: unknown) => {
        await db.destroy()
        throw error
      },
    ),
  )
  const storage = createFileStorage(join(environment.dataDir, 'files'))
  const archives = createArchives()
  const audit = createAuditLog(sealer)
  const limits = createAttemptLimits(db, sealer)
  const origin = environment.origin ?? `http://localhost:${environment.port}`
  // Every page shows moments in the region's zone; a use case that decides reads its settings anew.
  const settings = remembered(() => readSettings(db), 1000)
  const drivers = chooseDrivers(environment, origin, db, clock)
  const texts = createMessageTexts(db)
  const questionnaireReader = createQuestionnaireReader()
  // A thread of their own: whoever looks at a letter doesn't wait behind a mail that is long to parse.
  const readerForPages = createQuestionnaireReader()
  const sheetReader = createSheetReader()
  const questionnaireForms = createQuestionnaireForms({ db, intakeImapUrl: environment.intakeImapUrl })
  const sending = createSending({ db, clock, audit })
  const oversight = createLogQueries({ db, clock, audit })
  const passkeys = createPasskeys({ db, clock, origin })
  const consentPapers = createConsentPapers({ db, clock })
  const libraryLetters = createLibraryLetters({ db, clock, audit, sealer, origin, texts })
  /** Whether letters can go out; else people are handed their links. */
  const mail = drivers.email !== undefined
  const readiness = createReadiness(db, storage)
  const watching = createWatching({
    db,
    clock,
    log,
    origin: environment.origin,
    dataDir: environment.dataDir,
    backupDir: environment.backupDir,
    readiness,
  })
  return {
    environment,
    /** Where people reach the system: links in messages and on slips begin with it. */
    origin,
    log,
    clock,
    pool,
    db,
    sealer,
    storage,
    audit,
    oversight: { ...oversight, whoSaw: createWhoSaw({ db, log: oversight }).paper },
    auditHead: createOutsideHead({ db, clock, audit, sealer, dataDir: environment.dataDir }),
    messages: {
      ...createMessages({
        db,
        clock,
        sealer,
        origin,
        drivers,
        texts,
        enclose: createEnclosures({
          forms: questionnaireForms,
          consents: consentPapers,
          letters: libraryLetters,
        }),
      }),
      ...createPolling({ db, clock, drivers }),
      ...createMessageQueries({ db, clock, audit }),
      ...createMessageHelp({ db, clock, audit }),
      rules: createMessageRules({ db, clock, audit }),
      tests: createChannelTests({ db, clock, audit, drivers }),
      texts: createTextEditing({ db, clock, audit, origin, texts }),
      refused: createRefusedContacts({ db, clock, audit }),
    },
    parseMail: questionnaireReader.parse,
    /** What a mail in the mailbox may be, in the order in which they are asked. */
    mailHandlers: [
      createBounceHandler({ clock }),
      createLetterHandler({ db, clock, audit, read: questionnaireReader.read, ...intakeOf(environment) }),
    ],
    sessions: createSessions({ db, clock, limits }),
    staffAccess: {
      ...createStaffSignIn({ db, clock, limits, audit, sealer, passkeys }),
      ...createPasswordAgain({ db, clock, limits }),
      ...createOwnPassword({ db, clock, audit }),
      factors: createSettingUp({ db, clock, audit, sealer, passkeys, origin }),
      guarding: createGuarding({ db, clock, audit }),
    },
    credentials: {
      ...createChanging({ db, clock, audit }),
      ...createGiving({ db, clock, audit, sealer }),
      ...createRecovering({ db, clock, audit, sealer, limits }),
    },
    applications: {
      ...sending,
      ...createDeciding({ db, clock, audit, sealer }),
      ...createExisting({ db, clock, audit, sealer }),
      ...createUndoing({ db, clock, audit }),
      ...createHolding({ db, clock, audit }),
      ...createApplicationQueries({ db, clock, audit }),
      ...createLikeQueries({ db, clock, audit }),
    },
    readers: {
      ...createReaderRecord({ db, clock, audit }),
      ...createCardChanges({ db, clock, audit }),
      ...createReaderSearch({ db, clock, audit }),
      ...createMerging({ db, clock, audit, sealer }),
      ...createUnmerging({ db, clock, audit, sealer }),
      ...createMergeQueries({ db, clock, audit }),
      language: createReaderLanguage({ db, clock, audit }),
      finishMerges: createFinishMerges({ db, clock, audit }),
    },
    queue: {
      ...createQueueQueries({ db, clock, audit }),
      decisions: createDecisionQueries({ db, clock, audit }),
      tellOverdue: createTellOverdue({ db, clock, audit }),
    },
    drafts: { ...createDrafts({ db, clock, audit }), ...createDraftQueries({ db, clock, audit }) },
    letters: {
      ...createLetterQueries({ db, clock, audit, parse: readerForPages.parse }),
      ...createConfirming({ db, send: sending.send }),
      ...createLetterDeciding({ db, clock, audit }),
      days: createLetterDays({ db, clock, audit }),
      givenUp: createGivenUpMails({ db, clock, audit }),
    },
    lists: {
      ...createListUpload({ db, clock, audit, sheetReader }),
      ...createListMoves({ db, clock, audit }),
      ...createListChecking({ db, clock }),
      ...createListRunning({ db, clock, audit, sealer }),
      ...createListQueries({ db, clock, audit }),
      ...createExports({ db, clock, audit }),
    },
    homeForms: createHomeForms({ db, clock, audit, sealer, limits }),
    cards: {
      ...createBatches({ db, clock, audit }),
      ...createCardOrders({ db, clock, audit }),
      ...createWriteOffs({ db, clock, audit }),
      ...createStockQueries({ db }),
      ...createLowStock({ db, clock, audit }),
      ...createNumbering({ db, clock, audit }),
      ...createMarks({ db, clock, audit }),
    },
    backups: {
      ...createBackups({ db, clock, audit, databaseUrl, storage, sealer, folder: environment.backupDir }),
      ...createBackupQueries({ db, folder: environment.backupDir }),
    },
    catalogue: createCatalogue({ db, clock, settings }),
    fund: { ...createFund({ db, clock, audit }), ...createBookImport({ db, clock, storage, audit }) },
    circulation: {
      ...createCirculation({ db, clock }),
      shelf: (actor: ReaderActor) => shelf(db, clock, actor),
      loanFor: (actor: ReaderActor, publicationId: string) => loanFor(db, clock, actor, publicationId),
    },
    reading: createReading({ db, clock, storage, archives }),
    network: {
      ...createNetwork(db),
      ...createNetworkCommands({ db, clock, audit }),
      ...createNetworkQueries(db),
      letters: libraryLetters,
    },
    setup: {
      ...createSetup({ db, clock, audit, sealer }),
      districts: createDistricts({ db, clock, audit, sheetReader }),
      ...createMissingQueries({
        db,
        channels: (['email', 'sms'] as const).filter((channel) => drivers[channel]),
        originKnown: environment.demo || environment.origin !== undefined,
      }),
    },
    staff: createStaff({ db, clock, audit }),
    staffing: {
      ...createInvitations({ db, clock, audit, sealer, origin, mail }),
      ...createStaffChanges({ db, clock, audit, sealer, mail }),
      ...createStaffLinks({ db, clock, audit, sealer, limits, origin, mail }),
      ...createStaffQueries({ db, clock }),
      mail,
    },
    consents: {
      texts: createConsentTexts({ db, clock, audit }),
      rules: createConsentRules({ db, clock, audit }),
      ...createReaderConsents({ db, clock, audit, smsGateway: drivers.sms !== undefined }),
      ...consentPapers,
    },
    providerClosings: createProviderClosings({ db, clock, audit }),
    providers: {
      ...createWorkLists({ db, clock, audit }),
      ...createReceiving({ db, clock, audit, sealer, sheetReader }),
      ...createProviderQueries({ db, clock, audit }),
      elsewhere: createWhereToRead({ db, origin }),
      settings: createProviderSettings({ db, clock, audit }),
    },
    renewing: createRenewing({ db, clock, audit }),
    mending: createMending({ db, clock, audit }),
    corrections: createCorrections({ db, clock, audit }),
    destructions: {
      ...createDestructions({ db, clock, audit }),
      ...createDestructionQueries({ db, clock, audit }),
      papers: createDestructionPapers({ db, clock, audit, origin }),
    },
    personFiles: createPersonPapers(db, createPersonFiles({ db, clock, audit, limits })),
    questionnaireForms,
    pressSheets: createPressSheets({ db, clock, audit, origin }),
    ownCard: createOwnCard({ db, clock }),
    cardPreview: createCardPreview({ db }),
    slips: createSlips({ db, clock, audit, sealer, origin }),
    settings,
    region: { ...createGeneralSettings({ db, clock, audit }), ...createSettingsOverview({ db }) },
    /** The calendar date in the region's zone. */
    today: async () => dateIn((await settings())['region.timeZone'], clock()),
    sweep: createSweep({ db, clock }),
    readiness,
    watching: {
      ...watching,
      lookAtCertificate: createCertificateLook({ db, clock, origin: environment.origin }),
      /** Whether the embedded database has no space to run in. */
      outOfSpace: async () => environment.databaseUrl === undefined && isFull(environment.dataDir),
    },
    metrics: createMetrics({ pool, facts: watching.facts, readiness }),
    async close() {
      drivers.email?.close?.()
      drivers.sms?.close?.()
      await archives.close()
      await questionnaireReader.close()
      await readerForPages.close()
      await db.destroy()
      // Kysely ends only a pool that it has asked something itself.
      if (!pool.ended) await pool.end()
    },
  }
}
