import { enrol } from '../readers/provider-accounts.ts'
import { whereToGo } from '../settings/provider.ts'
import type { Settings } from '../settings/settings.ts'
import type { ProviderDriver } from './driver.ts'

/** An outside service without a registration interface: work lists go out, numbers come back. */
export const createFilesDriver = (settings: Settings): ProviderDriver => ({
  kind: 'files',
  enrol: (tx, readerId, at) => enrol(tx, { id: readerId, provider: settings['provider.name'], at }),
  async access(db, readerId) {
    const account = await db
      .selectFrom('provider_accounts')
      .select(['number', 'provider'])
      .where('reader_id', '=', readerId)
      .executeTakeFirst()
    return {
      kind: 'files',
      name: account?.provider || settings['provider.name'],
      ...whereToGo(settings),
      number: account?.number,
    }
  },
})
