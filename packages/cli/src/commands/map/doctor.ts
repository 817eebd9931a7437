import type { Problem } from '@tenon/contract'
import type { Finding } from '@tenon/map'
import { inline, problemLine } from '../../printer.ts'
import { smCommand } from './sm-command.ts'

export const mapDoctor = smCommand({
  brief: 'Look for what is amiss with a map: 1 for warnings, 2 for errors',
  example: 'map doctor',
  async run(cli) {
    const { world, place } = cli
    const began = world.monotonic()
    const { examineDatabase, examinePlugins } = await import('@tenon/map')
    const { mapCatalogue } = await import('../../compose/map-catalogue.ts')
    const { untold } = await import('../../compose/map-ground.ts')
    const kept = examineDatabase(place.db)
    const { plugins, layered } = await mapCatalogue(untold(cli), [], !kept.some(isError))
    const around = { config: layered.config, root: place.root, home: world.env['HOME'] }
    const findings = [...kept, ...layered.problems.map(settingsFinding), ...examinePlugins(plugins, around)]
    const lines = findings.map(({ check, level, message }) => `${level}: ${check}: ${inline(message)}`)
    const elapsedMs = Math.round(world.monotonic() - began)
    return {
      data: { ok: !findings.some(isAmiss), findings, elapsedMs },
      text: findings.some(isAmiss) ? lines.join('\n') : [...lines, 'all is well'].join('\n'),
      exit: findings.some(isError) ? 2 : findings.some(isAmiss) ? 1 : 0,
    }
  },
})

const isError = ({ level }: Finding): boolean => level === 'error'
const isAmiss = ({ level }: Finding): boolean => level !== 'note'

const settingsFinding = (problem: Problem): Finding => ({
  ...{ check: 'settings', level: 'warning' },
  message: `not taken: ${problemLine(problem)}`,
})
