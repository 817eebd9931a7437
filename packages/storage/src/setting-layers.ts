import { canonicalJson, type Json, type JsonObject } from '@tenon/contract'
import type { Envelope } from './envelope.ts'
import { layerOf, sealedAs, sealedIn, type StoredSettings } from './setting-sources.ts'

/** What is set in one environment, or in all, secrets included. */
export type ConfigurationLayer = { environment?: string; values: Record<string, Json> }

/** Every layer of what is stored, its secrets opened. */
export function openedLayers(stored: StoredSettings, envelope: Envelope): Promise<ConfigurationLayer[]> {
  const names = [undefined, ...Object.keys(stored.environments ?? {})]
  return Promise.all(
    names.map(async (environment) => {
      const kept = Object.entries(layerOf(stored, environment))
      const opened = kept.map(async ([id, value]): Promise<[string, Json]> => {
        const sealed = sealedIn(value)
        return [id, sealed === undefined ? value : await envelope.open(sealedAs(id, environment), sealed)]
      })
      const values = Object.fromEntries(await Promise.all(opened))
      return environment === undefined ? { values } : { environment, values }
    }),
  )
}

/** A layer as it is stored, its secrets sealed by `seal`. */
export async function sealedLayer(
  { environment, values }: ConfigurationLayer,
  isSecret: (id: string) => boolean,
  seal: (name: string, text: string) => Promise<string>,
): Promise<JsonObject> {
  const kept: JsonObject = {}
  for (const [id, value] of Object.entries(values))
    kept[id] =
      isSecret(id) && typeof value === 'string' ? { sealed: await seal(sealedAs(id, environment), value) } : value
  return kept
}

/** What is another in a layer, as the history tells it: of a secret only that it was written. */
export function layerSteps(before: JsonObject, after: JsonObject): JsonObject {
  const ids = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return Object.fromEntries(
    ids.flatMap((id): [string, JsonObject][] => {
      const [from, to] = [before[id], after[id]]
      if (sealedIn(from) !== undefined || sealedIn(to) !== undefined) return [[id, {}]]
      if (from !== undefined && to !== undefined && canonicalJson(from) === canonicalJson(to)) return []
      return [[id, { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }]]
    }),
  )
}
