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
import {
  foundSetting,
  layerOf,
  sealedAs,
  sealedIn,
  type FoundSetting,
  type SettingSource,
  type StoredSettings,
} from './setting-sources.ts'
import { settingProblem, settingProblems } from './setting-values.ts'

/** A setting as people see it. A secret never has a `value`; its source says whether it is set. */
export type Setting = { declaration: SettingDeclaration; source: SettingSource; value?: Json }
/** `problems` are those of values that the plugin's present declaration does not allow. */
export type ConfigurationView = { version: number; settings: Record<string, Setting>; problems: Problem[] }
export type ConfigurationAuthor = { who: string; why: string }
/** One change in the history. Of a secret it holds only that it changed. */
export type ConfigurationChange = ConfigurationAuthor & {
  version: number
  at: string
  /** Where it holds; everywhere without one. */
  environment?: string
  changed: Record<string, { from?: Json; to?: Json }>
}

/** The configuration of one plugin in one environment, under the settings that its spec declares. */
export type Configuration = {
  read(): Promise<ConfigurationView>
  /** The values that the plugin itself is given, secrets included. Throws CONFIG_INVALID when one is not allowed. */
  forPlugin(): Promise<Record<string, Json>>
  /** Throws CONFIG_INVALID with every problem of what is to be set. */
  check(changes: Readonly<Record<string, Json>>): void
  /**
   * Sets some settings, everywhere or in one environment; null takes one back to what holds without it. Throws
   * CONFIG_INVALID with every problem.
   */
  set(
    changes: Readonly<Record<string, Json>>,
    author: ConfigurationAuthor,
    environment?: string,
  ): Promise<{ version: number }>
  /** Every change, oldest first. */
  history(): Promise<ConfigurationChange[]>
}

type Context = {
  rows: Rows
  plugin: string
  settings: SettingsDeclaration
  environment: string | undefined
  envelope: Envelope
  world: World
}

const CURRENT = 'current'
const CHANGE = 'change/'
const CHANGE_DIGITS = 10

export function configurationOf(context: Context): Configuration {
  return {
    read: async () => viewOf(context, storedIn(context.rows)),
    forPlugin: () => valuesFor(context),
    check: (changes) => refuseInvalid(context, changes),
    set: (changes, author, environment) => change(context, changes, author, environment),
    history: async () => historyOf(context.rows),
  }
}

function storedIn(rows: Pick<Draft, 'get'>): StoredSettings {
  const stored = rows.get(CURRENT)
  return stored === undefined ? { version: 0, values: {} } : (stored as StoredSettings)
}

type FoundEntry = { id: string; declaration: SettingDeclaration; found: FoundSetting }

const foundIn = (context: Context, stored: StoredSettings): FoundEntry[] =>
  Object.entries(context.settings).map(([id, declaration]) => ({
    id,
    declaration,
    found: foundSetting(context, stored, id, declaration),
  }))

function viewOf(context: Context, stored: StoredSettings): ConfigurationView {
  const found = foundIn(context, stored)
  return {
    version: stored.version,
    settings: Object.fromEntries(found.map((entry) => [entry.id, shownSetting(entry)])),
    problems: found.flatMap(problemsOf),
  }
}

const shownSetting = ({ declaration, found: { source, value } }: FoundEntry): Setting =>
  declaration.type === 'secret' || value === undefined ? { declaration, source } : { declaration, source, value }

function problemsOf({ id, declaration, found: { value, fault } }: FoundEntry): Problem[] {
  if (fault !== undefined) return [settingProblem(id, fault)]
  return value === undefined ? [] : settingProblems(id, declaration, value)
}

async function valuesFor(context: Context): Promise<Record<string, Json>> {
  const entries = foundIn(context, storedIn(context.rows))
  const problems = entries.flatMap(problemsOf)
  if (problems.length > 0) throw invalid(context.plugin, problems)
  const values: Record<string, Json> = {}
  for (const { id, found } of entries) {
    const { sealed } = found
    const value = sealed === undefined ? found.value : await context.envelope.open(sealed.name, sealed.text)
    if (value !== undefined) values[id] = value
  }
  return values
}

function refuseInvalid({ plugin, settings }: Context, changes: Readonly<Record<string, Json>>): void {
  const problems = Object.entries(changes).flatMap(([id, value]) => changeProblems(settings, id, value))
  if (problems.length > 0) throw invalid(plugin, problems)
}

async function change(
  context: Context,
  changes: Readonly<Record<string, Json>>,
  author: ConfigurationAuthor,
  environment: string | undefined,
): Promise<{ version: number }> {
  const { rows, settings, envelope, world } = context
  refuseInvalid(context, changes)
  const isSecret = (id: string): boolean => settings[id]?.type === 'secret'
  const isSealed = (id: string, value: Json): value is string => isSecret(id) && typeof value === 'string'
  const entries = Object.entries(changes)
  if (entries.some(([id, value]) => isSealed(id, value))) await envelope.ready()
  return rows.change((draft) => {
    const sealed = (id: string, value: string): Json => ({ sealed: envelope.seal(sealedAs(id, environment), value) })
    const kept = Object.fromEntries(entries.map(([id, value]) => [id, isSealed(id, value) ? sealed(id, value) : value]))
    const before = storedIn(draft)
    const layer = layerOf(before, environment)
    const version = before.version + 1
    const changed = Object.entries(kept).map(([id, value]) => [id, isSecret(id) ? {} : step(layer[id], value)])
    draft.set(CURRENT, withLayer({ ...before, version }, environment, merged(layer, kept)))
    const at = new Date(world.now()).toISOString()
    const where = environment === undefined ? {} : { environment }
    const entry = { version, at, ...where, who: author.who, why: author.why, changed: Object.fromEntries(changed) }
    draft.set(`${CHANGE}${String(version).padStart(CHANGE_DIGITS, '0')}`, entry)
    return { version }
  })
}

const withLayer = (stored: StoredSettings, environment: string | undefined, layer: JsonObject): StoredSettings =>
  environment === undefined
    ? { ...stored, values: layer }
    : { ...stored, environments: { ...stored.environments, [environment]: layer } }

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
