import {
  assert,
  TenonError,
  type Json,
  type JsonObject,
  type Problem,
  type SettingDeclaration,
  type SettingsDeclaration,
  type World,
} from '@tenon/contract'
import type { Envelope } from './envelope.ts'
import type { Draft } from './change-set.ts'
import type { Rows } from './plugin-rows.ts'
import { settingProblems } from './setting-values.ts'

export type SettingSource = 'environment' | 'stored' | 'default' | 'unset'
/** A setting as people see it. A secret never has a `value`; its source says whether it is set. */
export type Setting = { source: SettingSource; value?: Json }
/** `problems` are those of stored values that the plugin's present declaration does not allow. */
export type ConfigurationView = { version: number; settings: Record<string, Setting>; problems: Problem[] }
export type ConfigurationAuthor = { who: string; why: string }
/** One change in the history. Of a secret it holds only that it changed. */
export type ConfigurationChange = ConfigurationAuthor & {
  version: number
  at: string
  changed: Record<string, { from?: Json; to?: Json }>
}

/** The configuration of one plugin, under the settings that its spec declares. */
export type Configuration = {
  read(): Promise<ConfigurationView>
  /** The values that the plugin itself is given, secrets included. Throws CONFIG_INVALID when a stored one is not allowed. */
  forPlugin(): Promise<Record<string, Json>>
  /** Sets some settings; null takes one back to its default. Throws CONFIG_INVALID with every problem. */
  set(changes: Readonly<Record<string, Json>>, author: ConfigurationAuthor): Promise<{ version: number }>
  /** Every change, oldest first. */
  history(): Promise<ConfigurationChange[]>
}

/** What is on disk. A secret is `{ sealed }`, so that it is known as one whatever the declaration says today. */
type Stored = { version: number; values: JsonObject }
type Context = { rows: Rows; plugin: string; settings: SettingsDeclaration; envelope: Envelope; world: World }

const CURRENT = 'current'
const CHANGE = 'change/'
const CHANGE_DIGITS = 10

export function configurationOf(context: Context): Configuration {
  return {
    read: async () => viewOf(context, storedIn(context.rows)),
    forPlugin: () => valuesFor(context),
    set: (changes, author) => change(context, changes, author),
    history: async () => historyOf(context.rows),
  }
}

function storedIn(rows: Pick<Draft, 'get'>): Stored {
  const stored = rows.get(CURRENT)
  return stored === undefined ? { version: 0, values: {} } : (stored as Stored)
}

function viewOf({ settings, world }: Context, stored: Stored): ConfigurationView {
  const view: ConfigurationView = { version: stored.version, settings: {}, problems: [] }
  for (const [id, declaration] of Object.entries(settings)) {
    const setting = settingOf(declaration, stored.values[id], world)
    view.settings[id] = setting
    if (setting.value !== undefined) view.problems.push(...settingProblems(id, declaration, setting.value))
  }
  return view
}

function settingOf(declaration: SettingDeclaration, stored: Json | undefined, world: World): Setting {
  const sealed = sealedIn(stored)
  if (declaration.type === 'secret') {
    if (environmentValue(declaration, world) !== undefined) return { source: 'environment' }
    return { source: sealed === undefined ? 'unset' : 'stored' }
  }
  if (stored !== undefined && sealed === undefined) return { source: 'stored', value: stored }
  return declaration.default === undefined ? { source: 'unset' } : { source: 'default', value: declaration.default }
}

function sealedIn(stored: Json | undefined): string | undefined {
  if (stored === undefined || stored === null || typeof stored !== 'object' || Array.isArray(stored)) return undefined
  return typeof stored['sealed'] === 'string' ? stored['sealed'] : undefined
}

const environmentValue = (declaration: SettingDeclaration, { env }: World): string | undefined =>
  declaration.type === 'secret' && declaration.envVar !== undefined ? env[declaration.envVar] : undefined

async function valuesFor(context: Context): Promise<Record<string, Json>> {
  const stored = storedIn(context.rows)
  const view = viewOf(context, stored)
  if (view.problems.length > 0) throw invalid(context.plugin, view.problems)
  const values: Record<string, Json> = {}
  for (const [id, declaration] of Object.entries(context.settings)) {
    const value = view.settings[id]?.value ?? (await secretOf(context, id, declaration, stored.values[id]))
    if (value !== undefined) values[id] = value
  }
  return values
}

async function secretOf(
  { envelope, world }: Context,
  id: string,
  declaration: SettingDeclaration,
  stored: Json | undefined,
): Promise<string | undefined> {
  if (declaration.type !== 'secret') return undefined
  const sealed = sealedIn(stored)
  return environmentValue(declaration, world) ?? (sealed === undefined ? undefined : envelope.open(id, sealed))
}

async function change(
  { rows, plugin, settings, envelope, world }: Context,
  changes: Readonly<Record<string, Json>>,
  author: ConfigurationAuthor,
): Promise<{ version: number }> {
  const problems = Object.entries(changes).flatMap(([id, value]) => changeProblems(settings, id, value))
  if (problems.length > 0) throw invalid(plugin, problems)
  const isSecret = (id: string): boolean => settings[id]?.type === 'secret'
  const isSealed = (id: string, value: Json): value is string => isSecret(id) && typeof value === 'string'
  const entries = Object.entries(changes)
  if (entries.some(([id, value]) => isSealed(id, value))) await envelope.ready()
  return rows.change((draft) => {
    const kept = Object.fromEntries(
      entries.map(([id, value]) => [id, isSealed(id, value) ? { sealed: envelope.seal(id, value) } : value]),
    )
    const before = storedIn(draft)
    const version = before.version + 1
    const changed = Object.entries(kept).map(([id, value]) => [id, isSecret(id) ? {} : step(before.values[id], value)])
    draft.set(CURRENT, { version, values: merged(before.values, kept) })
    const at = new Date(world.now()).toISOString()
    const entry = { version, at, who: author.who, why: author.why, changed: Object.fromEntries(changed) }
    draft.set(`${CHANGE}${String(version).padStart(CHANGE_DIGITS, '0')}`, entry)
    return { version }
  })
}

function changeProblems(settings: SettingsDeclaration, id: string, value: Json): Problem[] {
  const declaration = Object.hasOwn(settings, id) ? settings[id] : undefined
  if (declaration === undefined)
    return [{ pointer: `/${id}`, code: 'SETTING_UNKNOWN', message: `there is no setting ${JSON.stringify(id)}` }]
  return value === null ? [] : settingProblems(id, declaration, value)
}

const step = (from: Json | undefined, to: Json): JsonObject => ({
  ...(from === undefined || sealedIn(from) !== undefined ? {} : { from }),
  ...(to === null ? {} : { to }),
})

const merged = (values: JsonObject, changes: Record<string, Json>): JsonObject =>
  Object.fromEntries(Object.entries({ ...values, ...changes }).filter(([, value]) => value !== null))

function historyOf(rows: Rows): ConfigurationChange[] {
  const changes: ConfigurationChange[] = []
  for (let after = ''; ; ) {
    const keys = rows.keys({ prefix: CHANGE, after })
    for (const key of keys) changes.push(changeIn(rows, key))
    const last = keys.at(-1)
    if (last === undefined) return changes
    after = last
  }
}

function changeIn(rows: Rows, key: string): ConfigurationChange {
  const entry = rows.get(key)
  assert(entry !== undefined, 'a change of a configuration is never deleted')
  return entry as ConfigurationChange
}

const invalid = (plugin: string, problems: Problem[]): TenonError =>
  new TenonError('CONFIG_INVALID', `${plugin}: ${problems.map(({ message }) => message).join('; ')}`, {
    hint: `Run "tenon plugin config ${plugin}" to see what its settings allow.`,
    problems,
  })
