import { dirname } from 'node:path'
import { blobOf } from '@tenon/bundle'
import { isObject, isUlid, readJson, type JsonDocument, type Problem } from '@tenon/contract'
import { cardsOf, isCardFile, readCard, type CardReading, type Cards } from './card.ts'
import type { IdentityFiles } from './history.ts'
import type { Place } from './identities.ts'

/** A spec that names a card: as its plugin's, or as that of one of its operations, and at which line. */
export type Naming = {
  uid: string
  kind: 'plugin' | 'operation'
  place: Place
  file: string
  pointer: string
  line(): number
}

/** A plugin with an identity. `manifest` names the bytes of its manifest.json, if it has one. */
export type GovernedPlugin = { uid: string; id: string; version: string; path: string; manifest: string | undefined }

/** Who is who at one commit. */
export type Snapshot = {
  files: IdentityFiles
  cards: Cards
  namings: readonly Naming[]
  plugins: readonly GovernedPlugin[]
  /** Policy packs, by name. */
  packs: ReadonlySet<string>
  /** Folders of plugins whose spec cannot be read: nothing is known of them. */
  unread: ReadonlySet<string>
  problems: Problem[]
}

type SpecReading = Pick<JsonDocument, 'lineOf'> & {
  id: string
  version: string
  uid: string | undefined
  operations: OperationReading[]
}
type OperationReading = { name: string; uid: string | undefined }

const SPEC_FILE = /^plugins\/[^/]+\/plugin\.spec\.json$/
const PACK_FILE = /^policies\/([^/]+)\//

/** Reads states of a repository one after the other; what did not change between them is read once. */
export function snapshotReader(blobs: ReadonlyMap<string, Buffer>): (files: IdentityFiles) => Snapshot {
  const [cards, specs] = [new Map<string, CardReading>(), new Map<string, SpecReading | undefined>()]
  const once = <T>(known: Map<string, T>, key: string, read: () => T): T => {
    const value = known.has(key) ? (known.get(key) as T) : read()
    known.set(key, value)
    return value
  }
  return (files) => {
    const paths = [...files].toSorted(([a], [b]) => (a < b ? -1 : 1))
    const cardFiles = paths.filter(([path]) => isCardFile(path))
    const read = cardFiles.map(([path, object]) =>
      once(cards, `${path} ${object}`, () => readCard({ path, bytes: blobOf(blobs, object) })),
    )
    const found = cardsOf(read)
    const specFiles = paths
      .filter(([path]) => SPEC_FILE.test(path))
      .map(([path, object]) => ({ path, spec: once(specs, object, () => specIn(String(blobOf(blobs, object)))) }))
    const whole = specFiles.flatMap(({ path, spec }) => (spec === undefined ? [] : [{ path, spec }]))
    return {
      files,
      cards: found.cards,
      namings: whole.flatMap(({ path, spec }) => namingsIn(path, spec)),
      plugins: whole.flatMap(({ path, spec }) => governedIn(path, spec, files)),
      packs: new Set(paths.flatMap(([path]) => PACK_FILE.exec(path)?.[1] ?? [])),
      unread: new Set(specFiles.flatMap(({ path, spec }) => (spec === undefined ? [dirname(path)] : []))),
      problems: found.problems,
    }
  }
}

/** Objects that `snapshotReader` has to know for these files. */
export const objectsOf = (files: Iterable<readonly [path: string, object: string]>): string[] =>
  [...files].flatMap(([path, object]) => (object !== '' && (isCardFile(path) || SPEC_FILE.test(path)) ? [object] : []))

/** Only what identity needs, so that a spec of an earlier schema still says who it is. */
function specIn(text: string): SpecReading | undefined {
  const { value, problems, lineOf } = readJson(text)
  if (!isObject(value) || problems.length > 0) return undefined
  const { id, version, operations = [] } = value
  if (typeof id !== 'string' || typeof version !== 'string' || !Array.isArray(operations)) return undefined
  return { id, version, lineOf, uid: uidIn(value), operations: operations.flatMap(operationIn) }
}

const uidIn = ({ uid }: Readonly<Record<string, unknown>>): string | undefined =>
  typeof uid === 'string' && isUlid(uid) ? uid : undefined

const operationIn = (value: unknown): OperationReading[] =>
  isObject(value) && typeof value['name'] === 'string' ? [{ name: value['name'], uid: uidIn(value) }] : []

function namingsIn(file: string, { id, uid, operations, lineOf }: SpecReading): Naming[] {
  const path = dirname(file)
  const at = (pointer: string) => ({ file, pointer, line: () => lineOf(pointer) })
  const own: Naming[] = uid === undefined ? [] : [{ uid, kind: 'plugin', place: { key: id, path }, ...at('/uid') }]
  const theirs = operations.flatMap(({ name, uid: operation }, index): Naming[] => {
    if (operation === undefined) return []
    const place = { key: `${id}/${name}`, path }
    return [{ uid: operation, kind: 'operation', place, ...at(`/operations/${index}/uid`) }]
  })
  return [...own, ...theirs]
}

function governedIn(file: string, { id, version, uid }: SpecReading, files: IdentityFiles): GovernedPlugin[] {
  const path = dirname(file)
  return uid === undefined ? [] : [{ uid, id, version, path, manifest: files.get(`${path}/manifest.json`) }]
}
