import { buildRouteMap } from '@stricli/core'
import { pluginAddOp } from './plugin-add-op.ts'
import { pluginBump } from './plugin-bump.ts'
import { pluginCertify } from './plugin-certify.ts'
import { pluginConfig } from './plugin-config.ts'
import { pluginDerive } from './plugin-derive.ts'
import { pluginDiff } from './plugin-diff.ts'
import { pluginDisable } from './plugin-disable.ts'
import { pluginDocs } from './plugin-docs.ts'
import { pluginEnable } from './plugin-enable.ts'
import { pluginInspect } from './plugin-inspect.ts'
import { pluginInstall } from './plugin-install.ts'
import { pluginList } from './plugin-list.ts'
import { pluginMigrate } from './plugin-migrate.ts'
import { pluginNew } from './plugin-new.ts'
import { pluginPack } from './plugin-pack.ts'
import { pluginPublish } from './plugin-publish.ts'
import { pluginRemoveOp } from './plugin-remove-op.ts'
import { pluginRenameOp } from './plugin-rename-op.ts'
import { pluginRevoke } from './plugin-revoke.ts'
import { pluginRollback } from './plugin-rollback.ts'
import { pluginTest } from './plugin-test.ts'
import { pluginUninstall } from './plugin-uninstall.ts'
import { pluginValidate } from './plugin-validate.ts'
import { pluginVerify } from './plugin-verify.ts'

export const plugin = buildRouteMap({
  routes: {
    new: pluginNew,
    'add-op': pluginAddOp,
    'rename-op': pluginRenameOp,
    'remove-op': pluginRemoveOp,
    derive: pluginDerive,
    validate: pluginValidate,
    docs: pluginDocs,
    diff: pluginDiff,
    bump: pluginBump,
    test: pluginTest,
    certify: pluginCertify,
    verify: pluginVerify,
    pack: pluginPack,
    publish: pluginPublish,
    install: pluginInstall,
    uninstall: pluginUninstall,
    rollback: pluginRollback,
    revoke: pluginRevoke,
    list: pluginList,
    inspect: pluginInspect,
    enable: pluginEnable,
    disable: pluginDisable,
    config: pluginConfig,
    migrate: pluginMigrate,
  },
  docs: { brief: 'Write, certify, publish, install and operate plugins' },
})
