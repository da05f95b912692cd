import { smsParts } from '../../protocols/message/parts.ts'
import type { Carries, TemplateFault, Values } from '../../protocols/message/template.ts'
import { renderTemplate, templateFault } from '../../protocols/message/template.ts'
import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import { readSettings } from '../settings/settings.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction, sql } from '../shared/db.ts'
import { expected, notFound } from '../shared/errors.ts'
import type { Authorised } from '../staff/actors.ts'
import { bodyCarries, sampleFacts, subjectCarries, valuesOf } from './placeholders.ts'
import type { MessageTexts } from './stored-texts.ts'
import type { Template, TemplateId } from './template-ids.ts'
import { templateKey } from './template-ids.ts'
import type { RestoreText, SaveText } from './text-editing.schemas.ts'
import { builtInTemplate, templateIds } from './texts.ts'

/** More is no message but a letter, and each part is paid for. */
const mostParts = 6
/** So many versions are shown. */
const mostListed = 30

/** Somebody else has saved a version since this page was opened. */
export const textChanged = expected('messages.text_changed', 409)
export const textLong = expected('messages.text_long', 422)
const faults: Record<TemplateFault['code'], ReturnType<typeof expected>> = {
  empty: expected('messages.text_empty', 422),
  unpaired: expected('messages.text_unpaired', 422),
  unknown: expected('messages.text_unknown', 422),
  misspelt: expected('messages.text_misspelt', 422),
  missing: expected('messages.text_missing', 422),
  optional: expected('messages.text_optional', 422),
}

export interface TextVersion {
  version: number
  at: Date
  by: string | null
  /** Undefined for the way back to the built-in text. */
  template: Template | undefined
}

export interface OpenedText {
  id: TemplateId
  /** 0 while it is the built-in one that never was another. */
  version: number
  template: Template
  builtIn: Template
  isBuiltIn: boolean
  carries: { subject: Carries; body: Carries }
  /** Values to show it with: all that there may be, and only what there always is. */
  samples: { all: Values; least: Values }
  mostParts: number
  /** The newest first. */
  history: TextVersion[]
}

export interface ListedTemplate extends TemplateId {
  /** When the region's own text was saved; undefined for the built-in one. */
  changedAt: Date | undefined
}

/** The region's texts of messages: every version stays, and the newest goes out. */
export function createTextEditing(deps: {
  db: Database
  clock: Clock
  audit: AuditLog
  origin: string
  texts: MessageTexts
}) {
  const { db, clock, audit, origin, texts } = deps

  async function samples(id: TemplateId): Promise<OpenedText['samples']> {
    const settings = await readSettings(db)
    const region = {
      origin,
      providerName: settings['provider.name'],
      providerAddress: settings['provider.address'],
      hoursLimit: settings['queue.hoursLimit'],
    }
    const sample = (all: boolean) => valuesOf(sampleFacts(id.language, region, all, id.event), id)
    return { all: sample(true), least: sample(false) }
  }

  /** @throws one of `faults`, textLong: all say in `field` what they are about */
  async function check(id: TemplateId, { subject, body }: Template): Promise<void> {
    const subjectFault = id.channel !== 'sms' && templateFault(subject, subjectCarries(id.event))
    if (subjectFault) throw faults[subjectFault.code]({ ...subjectFault, field: 'subject' })
    const fault = templateFault(body, bodyCarries(id.channel, id.event))
    if (fault) throw faults[fault.code]({ ...fault, field: 'body' })
    if (id.channel !== 'sms') return
    const { all, least } = await samples(id)
    const parts = Math.max(...[all, least].map((values) => smsParts(renderTemplate(body, values))))
    if (parts > mostParts) throw textLong({ parts, most: mostParts, field: 'body' })
  }

  /** Puts a version into force; null for the built-in text. The same once more is no new version. */
  async function put(
    actor: Authorised<'messages.write-texts'>,
    id: TemplateId,
    basedOn: number,
    choose: (tx: Transaction) => Promise<Template | null>,
  ): Promise<void> {
    const now = clock()
    await inTransaction(db, async (tx) => {
      await sql`select pg_advisory_xact_lock(hashtextextended(${`message-text ${templateKey(id)}`}, 0))`.execute(
        tx,
      )
      const template = await choose(tx)
      const [newest] = await versions(tx, id, 1)
      if (isSame(newest?.template, template ?? undefined)) return
      if ((newest?.version ?? 0) !== basedOn) throw textChanged({ version: newest?.version ?? 0 })
      const before = newest?.template ?? builtInTemplate(id)
      const after = template ?? builtInTemplate(id)
      const version = basedOn + 1
      await tx
        .insertInto('message_texts')
        .values({
          event: id.event,
          channel: id.channel,
          language: id.language,
          version,
          subject: template?.subject ?? null,
          body: template?.body ?? null,
          created_at: now,
          created_by: actor.staffId,
        })
        .execute()
      await audit.append(tx, {
        at: now,
        actor: byStaff(actor.staffId),
        action: 'messages.write-text',
        subject: { kind: 'message-text', id: templateKey(id) },
        details: {
          version,
          builtIn: template === null,
          fields: (['subject', 'body'] as const).filter((field) => before[field] !== after[field]),
        },
      })
    })
    texts.forget()
  }

  return {
    /** Every text that there is, and which of them are the region's own. */
    async list(_actor: Authorised<'messages.write-texts'>): Promise<ListedTemplate[]> {
      const rows = await db
        .selectFrom('message_texts')
        .select(['event', 'channel', 'language', 'body', 'created_at'])
        .distinctOn(['event', 'channel', 'language'])
        .orderBy('event')
        .orderBy('channel')
        .orderBy('language')
        .orderBy('version', 'desc')
        .execute()
      return templateIds.map((id) => {
        const row = rows.find(
          (each) => each.event === id.event && each.channel === id.channel && each.language === id.language,
        )
        return { ...id, changedAt: row && row.body !== null ? row.created_at : undefined }
      })
    },

    /** One text with all that is needed to change it. */
    async open(_actor: Authorised<'messages.write-texts'>, id: TemplateId): Promise<OpenedText> {
      const history = await versions(db, id, mostListed)
      const builtIn = builtInTemplate(id)
      return {
        id,
        version: history[0]?.version ?? 0,
        template: history[0]?.template ?? builtIn,
        builtIn,
        isBuiltIn: !history[0]?.template,
        carries: { subject: subjectCarries(id.event), body: bodyCarries(id.channel, id.event) },
        samples: await samples(id),
        mostParts,
        history,
      }
    },

    /** @throws textChanged, textLong, and an error for what is wrong with the template */
    async save(
      actor: Authorised<'messages.write-texts'>,
      id: TemplateId,
      { subject, body, basedOn }: SaveText,
    ): Promise<void> {
      const template = { subject: id.channel === 'sms' ? '' : subject, body }
      await check(id, template)
      await put(actor, id, basedOn, async () => template)
    },

    /** Goes back to an earlier version, or to the built-in text. @throws notFound, textChanged, as `save` */
    async restore(
      actor: Authorised<'messages.write-texts'>,
      id: TemplateId,
      { version, basedOn }: RestoreText,
    ): Promise<void> {
      await put(actor, id, basedOn, async (tx) => {
        if (version === 0) return null
        const template = (await versions(tx, id, 1, version))[0]?.template
        if (!template) throw notFound()
        // The rules may have changed since.
        await check(id, template)
        return template
      })
    },
  }
}

/** @param only this one */
async function versions(
  db: Database | Transaction,
  id: TemplateId,
  most: number,
  only?: number,
): Promise<TextVersion[]> {
  let query = db
    .selectFrom('message_texts as t')
    .leftJoin('staff as s', 's.id', 't.created_by')
    .select(['t.version', 't.subject', 't.body', 't.created_at', 's.full_name'])
    .where('t.event', '=', id.event)
    .where('t.channel', '=', id.channel)
    .where('t.language', '=', id.language)
  if (only !== undefined) query = query.where('t.version', '=', only)
  const rows = await query.orderBy('t.version', 'desc').limit(most).execute()
  return rows.map(({ version, subject, body, created_at, full_name }) => ({
    version,
    at: created_at,
    by: full_name,
    template: subject === null || body === null ? undefined : { subject, body },
  }))
}

const isSame = (a: Template | undefined, b: Template | undefined): boolean =>
  a?.subject === b?.subject && a?.body === b?.body
