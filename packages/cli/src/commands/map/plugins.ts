import { buildRouteMap } from '@stricli/core'
import { pluginsConfig } from './plugins-config.ts'
import { pluginsContractsList } from './plugins-contracts.ts'
import { pluginsCreate } from './plugins-create.ts'
import { pluginsDoctor } from './plugins-doctor.ts'
import { pluginsList } from './plugins-list.ts'
import { pluginsShow } from './plugins-show.ts'
import { pluginsDisable, pluginsEnable } from './plugins-switch.ts'
import { pluginsUpgrade } from './plugins-upgrade.ts'

export const mapPlugins = buildRouteMap({
  routes: {
    list: pluginsList,
    show: pluginsShow,
    enable: pluginsEnable,
    disable: pluginsDisable,
    config: pluginsConfig,
    doctor: pluginsDoctor,
    create: pluginsCreate,
    upgrade: pluginsUpgrade,
    contracts: buildRouteMap({
      routes: { list: pluginsContractsList },
      docs: { brief: 'The catalogue that plugins build on' },
    }),
  },
  docs: { brief: 'The plugins of a map' },
})
