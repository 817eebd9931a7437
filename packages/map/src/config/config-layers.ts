import { isUtf8 } from 'node:buffer'
import { join } from 'node:path'
import { nodeDisk } from '@tenon/bundle'
import { isObject, ownValue, readJson, TenonError, type JsonObject, type Problem } from '@tenon/contract'
import { readConfigDocument, type ConfigReading } from './config-document.ts'
import { valueAtPath, type ConfigPath } from './config-path.ts'
import { CONFIG_DEFAULTS, type Config } from './config-schema.ts'

export type ConfigLayerName = 'defaults' | 'user' | 'user-local' | 'project' | 'project-local' | 'override'

/** The values of one layer, cleaned of what does not fit. */
export type ConfigLayer = { name: ConfigLayerName; values: JsonObject }

/** The folders `.skill-map` whose settings count. */
export type ConfigPlaces = { user?: string; project?: string }

export type LayeredConfig = {
  config: Config
  layers: readonly ConfigLayer[]
  /** What files say and is not taken. */
  problems: Problem[]
}

export const SETTINGS_FILE = 'settings.json'
export const LOCAL_SETTINGS_FILE = 'settings.local.json'

/** Reads the files of all layers and merges them key for key, the later over the earlier, `override` over them all. */
export async function readConfig({ user, project }: ConfigPlaces, override: JsonObject = {}): Promise<LayeredConfig> {
  const readings = [
    ...(user === undefined ? [] : await folderLayers(user, 'user')),
    ...(project === undefined || project === user ? [] : await folderLayers(project, 'project')),
  ]
  const layers: ConfigLayer[] = [
    { name: 'defaults', values: CONFIG_DEFAULTS },
    ...readings.map(({ name, values }) => ({ name, values })),
    { name: 'override', values: override },
  ]
  const config = layers.reduce<JsonObject>((under, { values }) => merged(under, values), {})
  // Each layer fits the schema, and the defaults hold every key that is required.
  return { config: config as Config, layers, problems: readings.flatMap(({ problems }) => problems) }
}

/** The last layer that says anything about a key, or about what is below it. */
export const sourceOf = ({ layers }: LayeredConfig, path: ConfigPath): ConfigLayerName | undefined =>
  layers.findLast(({ values }) => valueAtPath(values, path) !== undefined)?.name

/** For callers that take no warnings. Throws CONFIG_INVALID with all that is wrong in all files. */
export function refuseProblems({ problems }: LayeredConfig): void {
  if (problems.length === 0) return
  throw new TenonError('CONFIG_INVALID', `the configuration has ${problems.length} problem(s)`, {
    hint: 'Correct the files, or go without --strict.',
    problems,
  })
}

type Reading = ConfigLayer & ConfigReading

const folderLayers = async (folder: string, scope: 'user' | 'project'): Promise<Reading[]> => [
  await fileLayer(join(folder, SETTINGS_FILE), scope),
  await fileLayer(join(folder, LOCAL_SETTINGS_FILE), `${scope}-local`),
]

async function fileLayer(file: string, name: ConfigLayerName): Promise<Reading> {
  const bytes = await nodeDisk.read(file)
  if (bytes === undefined) return { name, values: {}, problems: [] }
  const { values, problems } = readingOf(bytes, name === 'project')
  return { name, values, problems: problems.map((problem) => ({ ...problem, file })) }
}

/** A text that is no JSON is not taken as a whole. */
function readingOf(bytes: Uint8Array, isShared: boolean): ConfigReading {
  if (!isUtf8(bytes)) return { values: {}, problems: [{ pointer: '', code: 'CONFIG_TEXT', message: 'is not UTF-8' }] }
  const { value, problems: faults, lineOf } = readJson(Buffer.from(bytes).toString())
  if (value === undefined || faults.length > 0) return { values: {}, problems: faults }
  const { values, problems } = readConfigDocument(value, isShared)
  return { values, problems: problems.map((problem) => ({ ...problem, line: lineOf(problem.pointer) })) }
}

/** Objects are merged, all else is replaced. */
const merged = (under: JsonObject, over: JsonObject): JsonObject => ({
  ...under,
  ...Object.fromEntries(
    Object.entries(over).map(([key, value]) => {
      const held = ownValue(under, key)
      return [key, isObject(held) && isObject(value) ? merged(held, value) : value]
    }),
  ),
})
