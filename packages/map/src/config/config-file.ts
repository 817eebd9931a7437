import { stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { nodeDisk, writeAside } from '@tenon/bundle'
import { decodeUtf8, isObject, readJson, TenonError, type Json, type JsonObject, type World } from '@tenon/contract'
import { alone } from '../sidecars/alone.ts'
import { LOCAL_SETTINGS_FILE } from './config-layers.ts'
import { readConfigDocument } from './config-document.ts'
import { keyOf, pathOfPointer, withValue, type ConfigPath } from './config-path.ts'

/**
 * Changes a file of the configuration, or makes it, while nobody else does. What of it does not change stays, in its order.
 * Throws CONFIG_INVALID for a file that is no JSON object, which is left alone, and CONFIG_UNWRITABLE.
 */
export async function changeConfigFile(
  file: string,
  world: World,
  change: (document: JsonObject) => JsonObject,
): Promise<void> {
  try {
    await nodeDisk.makeFolder(dirname(file))
    await alone(file, world, async () => {
      const changed = change(await documentIn(file))
      const mode = basename(file) === LOCAL_SETTINGS_FILE ? 0o600 : await modeOf(file)
      await writeAside(nodeDisk, file, `${JSON.stringify(changed, null, 2)}\n`, mode)
    })
  } catch (thrown) {
    throw isOfSystem(thrown) ? unwritable(file, thrown) : thrown
  }
}

/** What the file system says, or the lock that sidecars are written under as well. */
const isOfSystem = (thrown: unknown): thrown is Error =>
  thrown instanceof TenonError
    ? thrown.code === 'SIDECAR_BUSY' || thrown.code === 'SIDECAR_UNWRITABLE'
    : thrown instanceof Error && 'syscall' in thrown

const unwritable = (file: string, cause: Error): TenonError =>
  new TenonError('CONFIG_UNWRITABLE', `${file} was not changed: ${cause.message}`, { cause })

const modeOf = async (file: string): Promise<number | undefined> =>
  (await nodeDisk.kind(file)) === undefined ? undefined : (await stat(file)).mode & 0o777

/** What a file holds, fitting or not; an empty object where there is none. */
export async function documentIn(file: string): Promise<JsonObject> {
  const bytes = await nodeDisk.read(file)
  if (bytes === undefined) return {}
  const { value, problems } = readJson(decodeUtf8(bytes, file))
  if (isObject(value) && problems.length === 0) return value
  throw new TenonError('CONFIG_INVALID', `${file} holds no object of settings`, {
    hint: 'Correct it first, so that nothing that it says is lost.',
    problems: problems.map((problem) => ({ ...problem, file })),
  })
}

/**
 * Throws CONFIG_KEY_UNKNOWN where the configuration has no such key, and CONFIG_INVALID with everything that is wrong
 * with the value.
 */
export function refuseValue(path: ConfigPath, value: Json, isShared: boolean): void {
  const { problems } = readConfigDocument(withValue({}, path, value), isShared)
  const strange = problems.find(
    ({ code, pointer }) => KEY_FAULTS.has(code) && pathOfPointer(pointer).length <= path.length,
  )
  if (strange !== undefined) throw unknownKey(path, strange.hint)
  if (problems.length === 0) return
  throw new TenonError('CONFIG_INVALID', `${keyOf(path)} cannot be ${JSON.stringify(value)}`, { problems })
}

const KEY_FAULTS = new Set(['SCHEMA_UNKNOWN_KEY', 'SCHEMA_PROPERTY_NAMES'])

export const unknownKey = (path: ConfigPath, hint = '"sm config list" shows the keys.'): TenonError =>
  new TenonError('CONFIG_KEY_UNKNOWN', `there is no ${JSON.stringify(keyOf(path))} in the configuration`, { hint })
