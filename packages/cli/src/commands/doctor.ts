import type { LevelReport } from '@tenon/sandbox'
import { defineCommand } from '../command.ts'
import { columns } from '../printer.ts'

export const doctor = defineCommand({
  brief: 'Show which isolation levels this machine offers, as probes find them',
  example: 'doctor',
  async run({ world }) {
    const { BY_NAME_ONLY, probeLevels } = await import('@tenon/sandbox')
    const levels = await probeLevels(world)
    const stateOf = (report: LevelReport): string => {
      if (!report.available) return 'unavailable'
      if (report.unverified === true) return 'unverified'
      return BY_NAME_ONLY.includes(report.level) ? 'by name only' : 'available'
    }
    const rows = levels.map((report) => [
      report.level,
      stateOf(report),
      report.means,
      report.available
        ? [`guarantees ${report.guarantees.join(', ')}`, ...report.degraded].join('; ')
        : [report.reason, report.hint ?? ''].filter((part) => part !== '').join(' '),
    ])
    return {
      data: { node: process.version, levels },
      text: columns(['LEVEL', 'STATE', 'MEANS', ''], rows),
      exit: levels.some(({ level, available }) => available && !BY_NAME_ONLY.includes(level)) ? 0 : 1,
    }
  },
})
