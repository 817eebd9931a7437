import type { Json, JsonObject } from '@tenon/contract'
import type { Kv } from './context.ts'
import { messageOf } from './given.ts'
import { copied, ordered } from './json-copy.ts'
import { PluginError, type Plugin } from './plugin.ts'
import { within, type SimulatedClock } from './simulated-clock.ts'
import { simulatedKv } from './simulated-kv.ts'

const MIGRATION_MS = 120_000

/** From the version in which something is stored to that which the plugin declares. */
export type Versions = { from: number; to: number }

/** Takes the plugin's steps on a copy of what it stored, and changes that when every step was taken. */
export async function migrateKeys(
  { migrations }: Plugin,
  { kept, kv }: { kept: ReadonlyMap<string, Json>; kv: Kv },
  versions: Versions,
  clock: SimulatedClock,
): Promise<void> {
  const shadow = new Map(Object.entries(copied(Object.fromEntries(kept))))
  await eachStep(versions, kept.size > 0, clock, (to) => stepTo(migrations, to).up(simulatedKv(shadow, clock)))
  for (const key of kept.keys()) if (!shadow.has(key)) await kv.delete(key)
  for (const [key, value] of shadow) {
    const before = kept.get(key)
    if (before === undefined || ordered(before) !== ordered(value)) await kv.set(key, value)
  }
}

/** The same for settings, which it answers in their new form. */
export async function migrateValues(
  { settingsMigrations }: Plugin,
  set: JsonObject,
  versions: Versions,
  clock: SimulatedClock,
): Promise<JsonObject> {
  let values = copied(set)
  await eachStep(versions, Object.keys(set).length > 0, clock, async (to) => {
    values = copied(await stepTo(settingsMigrations, to).up(values))
  })
  return values
}

/** Where nothing is stored, there is nothing to bring. */
async function eachStep(
  { from, to }: Versions,
  isStored: boolean,
  clock: SimulatedClock,
  take: (to: number) => unknown,
): Promise<void> {
  if (from > to) throw new PluginError('STORAGE_NEWER', `what is stored is of version ${from}, the plugin knows ${to}`)
  if (!isStored) return
  for (let version = from + 1; version <= to; version += 1)
    try {
      await within(clock, MIGRATION_MS, 'migrate', () => take(version))
    } catch (thrown) {
      throw new PluginError('MIGRATION_FAILED', `what is stored stays as it was: ${messageOf(thrown)}`)
    }
}

function stepTo<Step extends { to: number }>(steps: readonly Step[] = [], to: number): Step {
  const step = steps.find((candidate) => candidate.to === to)
  if (step === undefined) throw new PluginError('MIGRATION_FAILED', `the plugin has no migration to version ${to}`)
  return step
}
