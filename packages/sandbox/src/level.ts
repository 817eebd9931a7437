import { TenonError } from '@tenon/contract'

/** The isolation levels, strongest first: one vocabulary for flags, records and documents. */
export const LEVELS = ['A', 'B', 'C', "C'", 'D', 'E', 'F', 'G'] as const
export type Level = (typeof LEVELS)[number]

/** Whether a process has a root of its own there; elsewhere it finds everything where the host has it. */
export const hasOwnRoot = (level: Level): boolean => ['A', 'B', 'E'].includes(level)

/** What a plugin may demand of its level in `isolation.requires`. */
export type Guarantee = 'fs' | 'net' | 'memory' | 'cpu' | 'pids' | 'disk'

/** The levels that code may run on although no verified signer vouches for it. */
const FOR_UNSIGNED: readonly Level[] = ['A', 'B', 'C', 'D', 'E']

export type LevelReport =
  | {
      level: Level
      available: true
      /** Written, and never run: nothing that it says of itself was seen. */
      unverified?: true
      means: string
      guarantees: readonly Guarantee[]
      degraded: readonly string[]
    }
  | { level: Level; available: false; unverified?: true; means: string; reason: string; hint?: string }

export type AvailableLevel = Extract<LevelReport, { available: true }>

/** How a process is launched there. */
export const launchOn = ({ level, guarantees }: AvailableLevel): { level: Level; inGroup: boolean } => ({
  level,
  inGroup: guarantees.includes('memory'),
})

/** The levels that nobody gets without asking: what they lack is too much, or they were never run. */
export const BY_NAME_ONLY: readonly Level[] = ["C'", 'D', 'F', 'G']

type Wish = { required: readonly Guarantee[]; requested?: Level; signed: boolean }

/** What the machine offers on a level; it is asked for only the levels that are looked at. */
export type LevelProbe = (level: Level) => Promise<LevelReport>

/** The strongest level that this code may run on and that gives what it requires. Nothing weaker is ever taken silently. */
export async function chooseLevel(reportOf: LevelProbe, wish: Wish): Promise<AvailableLevel> {
  const faults: string[] = []
  let hint: string | undefined
  for (const level of wish.requested === undefined ? LEVELS : [wish.requested]) {
    const report = await reportOf(level)
    const fault = whyNot(report, wish)
    if (fault === undefined && report.available) return report
    faults.push(`${level}: ${fault}`)
    if (!report.available) hint ??= report.hint
  }
  throw new TenonError('ISOLATION_UNAVAILABLE', `no sandbox level can be used (${faults.join('; ')})`, {
    hint: hint ?? 'Run "tenon doctor".',
    details: { ...wish, faults },
  })
}

function whyNot(report: LevelReport, { required, requested, signed }: Wish): string | undefined {
  if (!report.available) return report.reason
  if (BY_NAME_ONLY.includes(report.level) && requested === undefined) return 'only when it is asked for by name'
  if (!signed && !FOR_UNSIGNED.includes(report.level)) return 'not for code that no verified signer vouches for'
  const missing = required.filter((guarantee) => !report.guarantees.includes(guarantee))
  return missing.length === 0 ? undefined : `does not guarantee ${missing.join(', ')}`
}
