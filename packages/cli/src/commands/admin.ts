import { buildRouteMap } from '@stricli/core'
import { adminAddress } from './admin-address.ts'
import { adminAllowlist } from './admin-allowlist.ts'
import { adminAudit } from './admin-audit.ts'
import { adminGrants } from './admin-grants.ts'
import { adminOverride } from './admin-override.ts'
import { adminPublisher } from './admin-publisher.ts'
import { adminRemove } from './admin-remove.ts'
import { adminStorage } from './admin-storage.ts'
import { adminUser } from './admin-user.ts'

export const admin = buildRouteMap({
  routes: {
    audit: adminAudit,
    address: adminAddress,
    allowlist: adminAllowlist,
    grants: adminGrants,
    override: adminOverride,
    publisher: adminPublisher,
    remove: adminRemove,
    storage: adminStorage,
    user: adminUser,
  },
  docs: { brief: 'What an operator does in the console' },
})
