import { TenonError, type World } from '@tenon/contract'
import type { LevelReport } from '@tenon/sandbox'
import { defineCommand } from '../command.ts'
import { columns } from '../printer.ts'

export const doctor = defineCommand({
  brief: 'Show which isolation levels this machine offers, as probes find them, and where the master key is kept',
  example: 'doctor',
  async run({ world }) {
    const { BY_NAME_ONLY, probeLevels } = await import('@tenon/sandbox')
    const levels = await probeLevels(world)
    const stateOf = (report: LevelReport): string => {
      if (report.unverified === true) return 'unverified'
      if (!report.available) return 'unavailable'
      return BY_NAME_ONLY.includes(report.level) ? 'by name only' : 'available'
    }
    const masterKey = await masterKeyState(world)
    const rows = levels.map((report) => [
      report.level,
      stateOf(report),
      report.means,
      report.available
        ? [`guarantees ${report.guarantees.join(', ') || 'nothing'}`, ...report.degraded].join('; ')
        : [report.reason, report.hint ?? ''].filter((part) => part !== '').join(' '),
    ])
    const isContained = levels.some(({ level, available }) => available && !BY_NAME_ONLY.includes(level))
    const isWell = isContained && masterKey.state !== 'unusable'
    return {
      data: { node: process.version, levels, masterKey },
      text: `${columns(['LEVEL', 'STATE', 'MEANS', ''], rows)}\n\n${masterKeyLine(masterKey)}`,
      exit: isWell ? 0 : 1,
    }
  },
})

type MasterKeyState =
  | { state: 'ready' | 'not made yet'; from: string; name: string }
  | { state: 'unusable'; reason: string; hint: string }

/** Where the master key of this user comes from, and nothing of the key. */
async function masterKeyState(world: World): Promise<MasterKeyState> {
  const { masterKeyPlace } = await import('../compose/master-key.ts')
  const { homeOf } = await import('../compose/locations.ts')
  try {
    const { from, name, read } = masterKeyPlace(homeOf(world), world)
    return { state: (await read()) === undefined ? 'not made yet' : 'ready', from, name }
  } catch (thrown) {
    if (!(thrown instanceof TenonError)) throw thrown
    return { state: 'unusable', reason: thrown.message, hint: thrown.hint ?? '' }
  }
}

const masterKeyLine = (key: MasterKeyState): string =>
  key.state === 'unusable'
    ? `master key: unusable, ${key.reason}\n${key.hint}`
    : `master key: ${key.state}, from the ${key.from}: ${key.name}`
