import type { JsonObject } from '@tenon/contract'
import { foreignValidator } from '@tenon/contract/schema'
import { ANNOTATION_FIELDS, RESERVED_BLOCKS } from '../../files/sidecar.ts'
import type { FoundIssue, Rule } from '../../kernel/extension.ts'
import type { AnnotationKey } from '../../kernel/inputs.ts'

type Unfit = { surface: 'annotations' | 'root' | 'plugin-namespace'; key: string; pluginId?: string; why: string }

/** A key of a sidecar that neither the specification nor a plugin knows, or whose value is not what its plugin says. */
export const unknownField: Rule = {
  id: 'unknown-field',
  kind: 'rule',
  version: '1.0.0',
  emitsRuleIds: ['unknown-field'],
  defaultSeverity: 'warn',
  dependsOn: { nodes: [['sidecar', 'root']], each: true },
  evaluate: ({ sidecarRoots, annotationContributions }) =>
    Object.entries(sidecarRoots).flatMap(([path, root]) =>
      unfitIn(root, annotationContributions).map((unfit) => issueOf(path, unfit)),
    ),
}

const unfitIn = (root: JsonObject, keys: readonly AnnotationKey[]): Unfit[] => [
  ...Object.keys(objectOf(root['annotations']))
    .filter((key) => !ANNOTATION_FIELDS.includes(key))
    .map((key): Unfit => ({ surface: 'annotations', key, why: 'is no annotation that is known' })),
  ...Object.keys(root)
    .filter((key) => !RESERVED_BLOCKS.includes(key))
    .flatMap((key) => unfitAtRoot(root, key, keys)),
]

function unfitAtRoot(root: JsonObject, key: string, keys: readonly AnnotationKey[]): Unfit[] {
  const atRoot = keys.find((known) => known.location === 'root' && known.key === key)
  if (atRoot !== undefined)
    return faultOf(atRoot, root[key]).map((why) => ({ surface: 'root', key, pluginId: atRoot.pluginId, why }))
  const own = keys.filter(({ location, pluginId }) => location === 'namespaced' && pluginId === key)
  if (own.length === 0) return [{ surface: 'root', key, why: 'is neither reserved nor a plugin that annotates' }]
  return Object.entries(objectOf(root[key])).flatMap(([name, value]) => {
    const known = own.find((candidate) => candidate.key === name)
    const faults = known === undefined ? ['is no key of this plugin'] : faultOf(known, value)
    return faults.map((why): Unfit => ({ surface: 'plugin-namespace', key: name, pluginId: key, why }))
  })
}

function faultOf({ schema }: AnnotationKey, value: unknown): string[] {
  const [problem] = foreignValidator(schema).problems(value)
  return problem === undefined ? [] : [`is not what its plugin says: ${`${problem.pointer} ${problem.message}`.trim()}`]
}

const issueOf = (path: string, { surface, key, pluginId, why }: Unfit): FoundIssue => ({
  ruleId: 'unknown-field',
  nodeIds: [path],
  message: `In the sidecar of ${path}, ${PLACES[surface]} "${key}" ${why}.`,
  data: { surface, key, ...(pluginId === undefined ? {} : { pluginId }) },
})

const PLACES: Record<Unfit['surface'], string> = {
  annotations: 'the annotation',
  root: 'the root key',
  'plugin-namespace': 'the key',
}

const objectOf = (value: unknown): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {}
