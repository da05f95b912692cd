import * as texts from '#texts'
import type { HistoryState } from '#core/applications/applications.ts'
import { messageChannelText, messageFaultText, messageStateText } from './messages/words.ts'

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

/** «СМС читателю: не отправлено. На этот номер СМС не отправить». */
export function messageText(message: {
  channel: string
  event: string
  state: string
  fault: string | null
}): string {
  const channel = messageChannelText(message.channel)
  const fault = messageFaultText(message.fault)
  const to = message.event.startsWith('reader.') ? texts.message_to_reader() : texts.message_to_library()
  return `${channel} ${to}: ${messageStateText(message.state)}${fault && `. ${fault}`}`
}
