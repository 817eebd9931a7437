import { isDeepStrictEqual } from 'node:util'
import { assert } from '@tenon/contract'
import type { FoundFile } from '../files/listing.ts'
import type { Issue, Link, Node } from '../graph-schema.ts'
import type { Draft, Finished } from './draft.ts'
import { appliesTo } from './extract.ts'
import { OPTIONS } from './fingerprints.ts'
import type { LoadedExtractor, LoadedProvider } from './loaded-extension.ts'
import { walks } from './provider-files.ts'
import type { KnownFile, Snapshot } from './snapshot.ts'

/** What of the scan before still holds. */
export type Reuse = {
  /** Whether all extensions and options are what they were, so that what follows from equal things is equal. */
  isSame: boolean
  /** What a file came to that looks as it did; undefined when it has to be read. */
  unread(file: FoundFile): Finished | undefined
  /** What is known of a file that was read and is what it was. */
  ofSame(draft: Draft): KnownFile | undefined
  /** Whether an extension is still what it was. */
  isValid(key: string): boolean
}

/** How far a file is taken for what it was: not at all, when it has the same text, or when a look at it shows no change. */
export type Trust = 'nothing' | 'text' | 'stat'

/** The extensions that take part now, by which fingerprints. */
type Now = {
  providers: readonly LoadedProvider[]
  extractors: readonly LoadedExtractor[]
  inputs: Readonly<Record<string, string>>
}

export function reuseOf(
  { nodes, knowledge, isSparse }: Snapshot,
  trust: Trust,
  { providers, extractors, inputs }: Now,
): Reuse {
  const isValid = (key: string): boolean => inputs[key] !== undefined && knowledge.inputs[key] === inputs[key]
  const isOn = trust !== 'nothing' && isValid(OPTIONS)
  const isSame = trust !== 'nothing' && isDeepStrictEqual(knowledge.inputs, inputs)
  const knownAt = (path: string): KnownFile | undefined => {
    const known = isOn && nodes.has(path) ? knowledge.files.get(path) : undefined
    return known !== undefined && isValid(known.provider) ? known : undefined
  }
  // One that is new could claim any file; one that walks says itself what there is.
  const isClaimedAsBefore = trust === 'stat' && providers.every(({ key }) => isValid(key))
  const claimants = new Map(providers.filter((one) => !walks(one)).map((one) => [one.key, one]))
  const lookersAt = lookersByKind(extractors)
  const nodeAt = (path: string): Node => {
    const node = nodes.get(path)
    assert(node !== undefined, `what is known of ${path} is known of a node`)
    return node
  }
  return {
    isSame,
    isValid,
    unread(file) {
      const known = isClaimedAsBefore ? knownAt(file.path) : undefined
      const provider = known && claimants.get(known.provider)
      if (known === undefined || provider === undefined) return undefined
      const issues = knowledge.complaints.get(file.path) ?? []
      if (isSame && isSparse) return new Kept({ provider, file, known, issues }, nodeAt, lookersAt)
      const node = nodeAt(file.path)
      const lookedAtBy = lookersAt(node)
      // Who has yet to look at it needs its text.
      for (const key of lookedAtBy) if (known.found[key] === undefined || !isValid(key)) return undefined
      return { node, provider, file, issues, lookedAtBy, ...heldBy(known, lookedAtBy) }
    },
    ofSame({ node, provider }) {
      const was = isOn ? nodes.get(node.path) : undefined
      const known = was && knowledge.files.get(node.path)
      if (was === undefined || known?.provider !== provider.key || !isValid(known.provider)) return undefined
      return contentOf(was) === contentOf(node) ? known : undefined
    },
  }
}

/** A file of which all is as it was, and read only when it is asked for: of most nobody asks. */
class Kept implements Finished {
  readonly provider: LoadedProvider
  readonly file: FoundFile
  readonly known: KnownFile
  readonly issues: readonly Issue[]
  readonly #nodeAt: (path: string) => Node
  readonly #lookersAt: (node: Node) => ReadonlySet<string>

  constructor(
    { provider, file, known, issues }: Pick<Finished, 'provider' | 'file' | 'known' | 'issues'>,
    nodeAt: (path: string) => Node,
    lookersAt: (node: Node) => ReadonlySet<string>,
  ) {
    this.provider = provider
    this.file = file
    this.known = known
    this.issues = issues
    this.#nodeAt = nodeAt
    this.#lookersAt = lookersAt
  }

  get node(): Node {
    return this.#nodeAt(this.file.path)
  }

  get lookedAtBy(): ReadonlySet<string> {
    return this.#lookersAt(this.node)
  }

  get links(): readonly Link[] {
    return [...this.lookedAtBy].flatMap((key) => this.known.found[key] ?? [])
  }
}

/** The keys of those that look at a node, which depends on its kind alone. */
function lookersByKind(extractors: readonly LoadedExtractor[]): (node: Node) => ReadonlySet<string> {
  const byKind = new Map<string, ReadonlySet<string>>()
  return (node) => {
    const known = byKind.get(node.kind)
    if (known !== undefined) return known
    const keys = new Set(extractors.filter((extractor) => appliesTo(extractor, { node })).map(({ key }) => key))
    byKind.set(node.kind, keys)
    return keys
  }
}

/** What is known of a file by these extractors, and nothing of those that are gone. */
function heldBy(known: KnownFile, keys: ReadonlySet<string>): Pick<Finished, 'links' | 'known'> {
  const links = [...keys].flatMap((key) => known.found[key] ?? [])
  if (Object.keys(known.found).length === keys.size) return { links, known }
  const found = Object.fromEntries([...keys].map((key) => [key, known.found[key] ?? []]))
  return { links, known: { provider: known.provider, look: known.look, found } }
}

/** All that an extractor sees of a node besides its text, for which the hashes stand. */
const contentOf = ({ kind, provider, bodyHash, frontmatterHash, bytes, tokens, sidecar }: Node): string =>
  JSON.stringify([
    ...[kind, provider, bodyHash, frontmatterHash, bytes, tokens ?? null],
    sidecar?.present === true ? [sidecar.status, sidecar.annotations, sidecar.root] : null,
  ])
