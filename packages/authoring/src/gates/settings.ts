import type { Problem } from '@tenon/contract'
import { unlessNone, type Checked, type Subject } from './gate.ts'
import { specProblem } from '../folder/spec-problem.ts'

/**
 * The default of a text setting matches the setting's own pattern. It is here and not in the reading of a spec that a
 * pattern is matched: here it is the author's own machine that a pattern without end would stop.
 */
export function checkSettings({ spec, folder }: Subject): Checked {
  const settings = Object.entries(spec.settings ?? {})
  const unmet = settings.flatMap(([id, setting]): Problem[] => {
    if (setting.type !== 'single-string' || setting.pattern === undefined || setting.default === undefined) return []
    if (new RegExp(setting.pattern).test(setting.default)) return []
    const message = `"${setting.default}" does not match its own pattern, ${setting.pattern}`
    return [specProblem(folder, ['settings', id, 'default'], 'SPEC_SETTING', message, 'Change the one or the other.')]
  })
  return unlessNone('it has no settings', { checked: settings.length, problems: unmet })
}
