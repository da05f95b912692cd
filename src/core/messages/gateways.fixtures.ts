import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork } from '../../../tests/support/app.ts'
import type { MailServer } from '../../../tests/support/mail-server.ts'
import { startMailServer } from '../../../tests/support/mail-server.ts'
import type { SmsGateway } from '../../../tests/support/sms-gateway.ts'
import { startSmsGateway } from '../../../tests/support/sms-gateway.ts'

/** One for all tests of a file. */
export let app: TestApp
export let network: TestNetwork
/** Both on loopback, new ones for each test. */
export let mail: MailServer
export let gateway: SmsGateway

export function useGateways(): void {
  beforeAll(async () => {
    app = await createTestApp()
    network = await createTestNetwork(app)
  })
  afterAll(() => app.dispose())
  beforeEach(async () => {
    mail = await startMailServer()
    gateway = await startSmsGateway()
  })
  afterEach(async () => {
    await mail.close()
    await gateway.close()
  })
}
