/** What goes out, complete; it lives in memory only. */
export interface OutgoingMessage {
  /** Ours: the same on every attempt. */
  id: string
  /** An e-mail address or an E.164 phone. */
  recipient: string
  /** Empty for SMS. */
  subject: string
  text: string
  /** The letter of somebody's that it answers. */
  thread?: Thread | undefined
  /** Files that go with it; by e-mail only. */
  enclosures?: readonly Enclosure[] | undefined
}

export interface Thread {
  /** Message-IDs in angle brackets: of the letter itself, and of those that it stands in a row with. */
  inReplyTo: string
  references: readonly string[]
}

export interface Enclosure {
  name: string
  contentType: string
  content: Buffer
}

/** What a gateway knows of a message of ours. */
export type Trace = 'accepted' | 'unknown' | 'cannot_tell'

/** What became of a message that a gateway took. */
export type Delivery = 'delivered' | 'undelivered' | 'no_such_number' | 'under_way' | 'cannot_tell'

/** A message that was handed over: by which of these a gateway knows it is the driver's affair. */
export interface HandedOver {
  id: string
  recipient: string
  gatewayId: string | null
}

/**
 * One way out: a mail server, an SMS gateway. Every driver passes the same contract suite.
 */
export interface Driver {
  /**
   * Hands a message over.
   * @returns the gateway's own id of it, if it gives one
   * @throws DeliveryFault
   */
  send(message: OutgoingMessage): Promise<{ gatewayId: string | undefined }>
  /**
   * Asks what became of a message whose answer we never had or never noted.
   * `cannot_tell` when the gateway has no such question, or answers it in no way we know.
   * @throws DeliveryFault when it is to be asked again later
   */
  trace(message: { id: string; recipient: string }): Promise<Trace>
  /** True when handing the same message over again does no harm: the receiver's side knows it by its id. */
  readonly repeatable: boolean
  /**
   * Asks whether a message has come to its receiver. Left out where the gateway can't tell.
   * @throws DeliveryFault when it is to be asked again later
   */
  delivery?(message: HandedOver): Promise<Delivery>
  /** Ends the connections that it keeps for the next message. */
  close?(): void
}

/** Why a message wasn't handed over. The code is stable and says nothing of the person. */
export class DeliveryFault extends Error {
  readonly code: string
  /** False: the same message will never go through; nothing is tried again. */
  readonly temporary: boolean
  /** True when the message may have been taken all the same: no answer came, or none that says so. */
  readonly inTheDark: boolean
  /** True when the address itself was refused for good: no other message will go there either. */
  readonly refusesAddress: boolean
  constructor(code: string, temporary: boolean, inTheDark = false, refusesAddress = false) {
    super(code)
    this.name = 'DeliveryFault'
    this.code = code
    this.temporary = temporary
    this.inTheDark = inTheDark
    this.refusesAddress = refusesAddress
  }
}
