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
import { layerSteps, openedLayers, sealedLayer, type ConfigurationLayer } from './setting-layers.ts'
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

/** The named environment in which a host runs, and the version of the declaration; 1 without one. */
export type ConfigurationPlace = { environment?: string | undefined; shape?: number }

/** The configuration of one plugin in one environment, under the settings that its spec declares. */
export type Configuration = {
  read(): Promise<ConfigurationView>
  /** The values that the plugin itself is given, secrets included. Throws CONFIG_INVALID when one is not allowed. */
  forPlugin(): Promise<Record<string, Json>>
  /** Those of them that somebody chose: the same without the defaults. */
  chosen(): Promise<Record<string, Json>>
  /** Throws CONFIG_INVALID with every problem of what is to be set, or MIGRATION_NEEDED where nothing can be. */
  check(changes: Readonly<Record<string, Json>>): Promise<void>
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
  /** Under which version of the declaration anything is set; undefined when nothing is. */
  shape(): Promise<number | undefined>
  /** All that is set, and under which version of the declaration; undefined when nothing is. */
  layers(): Promise<{ version: number; shape: number; layers: ConfigurationLayer[] } | undefined>
  /**
   * Puts these in the place of all that is set at a version of the configuration, under the present declaration, and
   * gives what that changed, layer by layer. Throws CONFIG_INVALID with every problem, MIGRATION_FAILED when something
   * was set meanwhile.
   */
  replace(layers: readonly ConfigurationLayer[], version: number, author: ConfigurationAuthor): Promise<LayerChange[]>
  /** Throws CONFIG_INVALID with every problem of what is to replace all that is set. */
  checkLayers(layers: readonly ConfigurationLayer[]): void
}

/** Which settings were written, everywhere or in one environment, and in which version of the configuration. */
export type LayerChange = { version: number; settings: string[]; environment?: string }

type Context = {
  rows: Rows
  plugin: string
  settings: SettingsDeclaration
  environment: string | undefined
  shape: number
  envelope: Envelope
  world: World
}

const CURRENT = 'current'
const CHANGE = 'change/'
const CHANGE_DIGITS = 10

export function configurationOf(context: Context): Configuration {
  return {
    read: async () => viewOf(context, await storedIn(context.rows)),
    forPlugin: () => valuesFor(context, () => true),
    chosen: () => valuesFor(context, ({ source }) => source !== 'default'),
    check: async (changes) => {
      refuseOtherShape(context, await storedIn(context.rows))
      refuseInvalid(context, changes)
    },
    set: (changes, author, environment) => change(context, changes, author, environment),
    history: async () => historyOf(context.rows),
    shape: async () => shapeIn(await storedIn(context.rows)),
    layers: () => layersIn(context),
    checkLayers: (layers) => layers.forEach(({ values }) => refuseInvalid(context, values)),
    replace: (layers, version, author) => replaceLayers(context, layers, version, author),
  }
}

async function storedIn(rows: Pick<Draft, 'get'>): Promise<StoredSettings> {
  const stored = await rows.get(CURRENT)
  return stored === undefined ? { version: 0, values: {} } : (stored as StoredSettings)
}

const shapeIn = ({ version, shape = 1 }: StoredSettings): number | undefined => (version === 0 ? undefined : shape)

async function layersIn({ rows, envelope }: Context): ReturnType<Configuration['layers']> {
  const stored = await storedIn(rows)
  const shape = shapeIn(stored)
  if (shape === undefined) return undefined
  return { version: stored.version, shape, layers: await openedLayers(stored, envelope) }
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

async function valuesFor(context: Context, counts: (found: FoundSetting) => boolean): Promise<Record<string, Json>> {
  const entries = foundIn(context, await storedIn(context.rows))
  const problems = entries.flatMap(problemsOf)
  if (problems.length > 0) throw invalid(context.plugin, problems)
  const values: Record<string, Json> = {}
  for (const { id, found } of entries) {
    if (!counts(found)) continue
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
  const { rows, settings, shape, envelope, world } = context
  refuseInvalid(context, changes)
  const isSecret = (id: string): boolean => settings[id]?.type === 'secret'
  const isSealed = (id: string, value: Json): value is string => isSecret(id) && typeof value === 'string'
  const entries = Object.entries(changes)
  if (entries.some(([id, value]) => isSealed(id, value))) await envelope.ready()
  return rows.change(async (draft) => {
    const kept: JsonObject = {}
    for (const [id, value] of entries)
      kept[id] = isSealed(id, value)
        ? { sealed: await envelope.seal(draft.stored, sealedAs(id, environment), value) }
        : value
    const before = await storedIn(draft)
    refuseOtherShape(context, before)
    const layer = layerOf(before, environment)
    const version = before.version + 1
    const changed = Object.entries(kept).map(([id, value]) => [id, isSecret(id) ? {} : step(layer[id], value)])
    await draft.set(CURRENT, withLayer({ ...before, version, shape }, environment, merged(layer, kept)))
    await note(draft, world, { version, environment, author, changed: Object.fromEntries(changed) })
    return { version }
  })
}

async function replaceLayers(
  context: Context,
  layers: readonly ConfigurationLayer[],
  seen: number,
  author: ConfigurationAuthor,
): Promise<LayerChange[]> {
  const { rows, plugin, settings, shape, envelope, world } = context
  for (const { values } of layers) refuseInvalid(context, values)
  const isSecret = (id: string): boolean => settings[id]?.type === 'secret'
  await envelope.ready()
  return await rows.change(async (draft) => {
    let stored = await storedIn(draft)
    const changes: LayerChange[] = []
    if (stored.version !== seen)
      throw new TenonError('MIGRATION_FAILED', `the settings of ${plugin} were changed while they were migrated`)
    for (const layer of layers) {
      const { environment } = layer
      const sealed = await sealedLayer(layer, isSecret, (name, text) => envelope.seal(draft.stored, name, text))
      const changed = layerSteps(layerOf(stored, environment), sealed)
      const version = stored.version + 1
      stored = withLayer({ ...stored, version, shape }, environment, sealed)
      await note(draft, world, { version, environment, author, changed })
      changes.push({ version, settings: Object.keys(changed), ...(environment === undefined ? {} : { environment }) })
    }
    await draft.set(CURRENT, stored)
    return changes
  })
}

type Noted = {
  version: number
  environment: string | undefined
  author: ConfigurationAuthor
  changed: JsonObject
}

async function note(
  draft: Draft,
  world: World,
  { version, environment, author: { who, why }, changed }: Noted,
): Promise<void> {
  const at = new Date(world.now()).toISOString()
  const entry = { version, at, ...(environment === undefined ? {} : { environment }), who, why, changed }
  await draft.set(`${CHANGE}${String(version).padStart(CHANGE_DIGITS, '0')}`, entry)
}

/** What was set under another declaration is changed by a migration only. */
function refuseOtherShape({ plugin, shape }: Context, stored: StoredSettings): void {
  if (stored.version === 0 || (stored.shape ?? 1) === shape) return
  const message = `the settings of ${plugin} are of version ${stored.shape ?? 1}, and it declares version ${shape}`
  throw new TenonError('MIGRATION_NEEDED', message, { hint: `Run "tenon plugin migrate ${plugin}".` })
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

const merged = (values: JsonObject, changes: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries({ ...values, ...changes }).filter(([, value]) => value !== null))

async function historyOf(rows: Rows): Promise<ConfigurationChange[]> {
  const changes: ConfigurationChange[] = []
  for (let after = ''; ; ) {
    const keys = await rows.keys({ prefix: CHANGE, after })
    for (const key of keys) changes.push(await changeIn(rows, key))
    const last = keys.at(-1)
    if (last === undefined) return changes
    after = last
  }
}

async function changeIn(rows: Rows, key: string): Promise<ConfigurationChange> {
  const entry = await rows.get(key)
  assert(entry !== undefined, 'a change of a configuration is never deleted')
  return entry as ConfigurationChange
}

const invalid = (plugin: string, problems: Problem[]): TenonError =>
  new TenonError('CONFIG_INVALID', `${plugin}: ${problems.map(({ message }) => message).join('; ')}`, {
    hint: `Run "tenon plugin config ${plugin}" to see what its settings allow.`,
    problems,
  })
