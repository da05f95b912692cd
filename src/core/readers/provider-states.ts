/**
 * How a reader stands at the outside service: waits to be registered there, is in a work list, has an account,
 * was refused one; his account is to be closed, or was.
 */
export const providerStates = ['to_register', 'sent', 'registered', 'failed', 'to_close', 'closed'] as const
export type ProviderState = (typeof providerStates)[number]

/** What may follow. A reader whose account was closed begins anew, with a registration of its own. */
export const providerMoves: Readonly<Record<ProviderState, readonly ProviderState[]>> = {
  to_register: ['sent', 'registered', 'failed'],
  sent: ['registered', 'failed', 'to_register', 'to_close'],
  // Another number or password of the same account.
  registered: ['registered', 'to_close'],
  failed: ['to_register', 'registered'],
  to_close: ['registered', 'to_register', 'closed'],
  closed: ['to_register'],
}

export const mayMoveTo = (from: ProviderState, to: ProviderState): boolean => providerMoves[from].includes(to)
