import { buildRouteMap } from '@stricli/core'
import { pluginConfig } from './plugin-config.ts'
import { pluginDerive } from './plugin-derive.ts'
import { pluginDisable } from './plugin-disable.ts'
import { pluginEnable } from './plugin-enable.ts'
import { pluginInspect } from './plugin-inspect.ts'
import { pluginInstall } from './plugin-install.ts'
import { pluginList } from './plugin-list.ts'
import { pluginMigrate } from './plugin-migrate.ts'
import { pluginNew } from './plugin-new.ts'
import { pluginPack } from './plugin-pack.ts'
import { pluginPublish } from './plugin-publish.ts'
import { pluginRevoke } from './plugin-revoke.ts'
import { pluginRollback } from './plugin-rollback.ts'
import { pluginUninstall } from './plugin-uninstall.ts'
import { pluginValidate } from './plugin-validate.ts'

export const plugin = buildRouteMap({
  routes: {
    new: pluginNew,
    derive: pluginDerive,
    validate: pluginValidate,
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
