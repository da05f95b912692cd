import * as texts from '#texts'
import type { HistoryState } from '#core/applications/applications.ts'

const names: Record<HistoryState, () => string> = {
  draft: texts.application_state_draft,
  sent: texts.application_state_sent,
  returned: texts.application_state_returned,
  registered: texts.application_state_registered,
  refused: texts.application_state_refused,
  withdrawn: texts.application_state_withdrawn,
}

export const stateText = (state: HistoryState): string => names[state]()

const decisions: Partial<Record<HistoryState, () => string>> = {
  registered: texts.queue_decision_registered,
  returned: texts.queue_decision_returned,
  refused: texts.queue_decision_refused,
}

/** What an operator has done: «Зарегистрировано». */
export const decisionText = (state: HistoryState): string => decisions[state]?.() ?? stateText(state)

const messageStates: Record<string, () => string> = {
  queued: texts.message_state_queued,
  sending: texts.message_state_sending,
  sent: texts.message_state_sent,
  failed: texts.message_state_failed,
  uncertain: texts.message_state_uncertain,
}

/** «СМС читателю: отправлено». */
export function messageText(message: { channel: string; event: string; state: string }): string {
  const channel = message.channel === 'sms' ? texts.message_channel_sms() : texts.message_channel_email()
  const to = message.event.startsWith('reader.') ? texts.message_to_reader() : texts.message_to_library()
  return `${channel} ${to}: ${messageStates[message.state]?.() ?? message.state}`
}
