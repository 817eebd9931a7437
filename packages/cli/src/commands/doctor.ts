import { defineCommand } from '../command.ts'
import { columns } from '../printer.ts'

export const doctor = defineCommand({
  brief: 'Show which isolation levels this machine offers, as probes find them',
  example: 'doctor',
  async run({ world }) {
    const { probeLevels } = await import('@tenon/sandbox')
    const levels = await probeLevels(world)
    const rows = levels.map((report) => [
      report.level,
      report.available ? 'available' : 'unavailable',
      report.means,
      report.available
        ? [`guarantees ${report.guarantees.join(', ')}`, ...report.degraded].join('; ')
        : [report.reason, report.hint ?? ''].filter((part) => part !== '').join(' '),
    ])
    return {
      data: { node: process.version, levels },
      text: columns(['LEVEL', 'STATE', 'MEANS', ''], rows),
      exit: levels.some(({ available }) => available) ? 0 : 1,
    }
  },
})
