import type { FileStat } from '../files/file-stat.ts'
import type { FoundFile } from '../files/walk.ts'
import type { Node } from '../graph-schema.ts'
import type { Draft } from './draft.ts'
import { OPTIONS } from './fingerprints.ts'
import type { KnownFile, Snapshot } from './snapshot.ts'

/** A file that is taken for what it was, without reading it. */
export type KnownBefore = { path: string; file: FoundFile; node: Node; known: KnownFile }

/** What of the scan before still holds. */
export type Reuse = {
  /** What is known of a file that does not look changed; undefined when it has to be read. */
  unread(file: FoundFile, stat: FileStat | undefined): KnownBefore | undefined
  /** What is known of a file that was read and is what it was. */
  ofSame(draft: Draft): KnownFile | undefined
  /** Whether an extension is still what it was. */
  isValid(key: string): boolean
}

/** How far a file is taken for what it was: not at all, when it has the same text, or when a look at it shows no change. */
export type Trust = 'nothing' | 'text' | 'stat'

export function reuseOf({ nodes, knowledge }: Snapshot, inputs: Readonly<Record<string, string>>, trust: Trust): Reuse {
  const isValid = (key: string): boolean => inputs[key] !== undefined && knowledge.inputs[key] === inputs[key]
  const isOn = trust !== 'nothing' && isValid(OPTIONS)
  const knownAt = (path: string): { node: Node; known: KnownFile } | undefined => {
    const [node, known] = [nodes.get(path), knowledge.files.get(path)]
    return isOn && node !== undefined && known !== undefined && isValid(known.provider) ? { node, known } : undefined
  }
  return {
    isValid,
    unread(file, stat) {
      const before = trust === 'stat' ? knownAt(file.path) : undefined
      if (before === undefined || stat === undefined || before.known.mark !== stat.mark) return undefined
      return { path: file.path, file, ...before }
    },
    ofSame({ node, provider }) {
      const before = knownAt(node.path)
      return before?.known.provider === provider.key && contentOf(before.node) === contentOf(node)
        ? before.known
        : undefined
    },
  }
}

/** All that an extractor sees of a node besides its text, for which the hashes stand. */
const contentOf = ({ kind, provider, bodyHash, frontmatterHash, bytes, tokens, sidecar }: Node): string =>
  JSON.stringify([
    ...[kind, provider, bodyHash, frontmatterHash, bytes, tokens ?? null],
    sidecar?.present === true ? [sidecar.status, sidecar.annotations, sidecar.root] : null,
  ])
