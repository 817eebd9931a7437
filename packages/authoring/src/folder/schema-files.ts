import type { PluginSpec } from '@tenon/contract'

/** Schemas that the spec names by path: of events, services, a dataset's configuration and stored values. */
export function namedSchemas({ events, services, dataset, storage, runtime }: PluginSpec): string[] {
  return [
    ...(events?.emits ?? []).map(({ schema }) => schema),
    ...(services?.provides ?? []).flatMap(({ request, response }) => [request, response]),
    ...present(dataset?.config),
    ...present(storage?.schema),
    ...(runtime.kind === 'map' ? mapSchemas(runtime.mapStorage) : []),
  ]
}

type MapStorage = Extract<PluginSpec['runtime'], { kind: 'map' }>['mapStorage']

function mapSchemas(storage: MapStorage): string[] {
  if (storage === undefined) return []
  return storage.mode === 'kv' ? present(storage.schema) : Object.values(storage.schemas ?? {})
}

const present = (path: string | undefined): string[] => (path === undefined ? [] : [path])

/** What an operation has by its name, and whether it has it. */
export function operationFiles({ operations = [] }: PluginSpec): { schema: string; example: string; has: boolean }[] {
  return operations.flatMap(({ name, input, output }) => [
    { schema: `schemas/${name}.in.schema.json`, example: `examples/${name}_request.json`, has: input },
    { schema: `schemas/${name}.out.schema.json`, example: `examples/${name}_response.json`, has: output },
  ])
}

/** The examples of operations and the files of probes. */
export const filesOfTheSpec = (spec: PluginSpec): string[] => [
  ...operationFiles(spec).map(({ example }) => example),
  ...(spec.health?.probes ?? []).flatMap(({ request, expect }) => [...present(request), ...present(expect)]),
]
