import { lstat, realpath } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { limits, TenonError } from '@tenon/contract'
import { isExpected } from '../files/expected-fault.ts'
import { readText } from '../files/read-text.ts'
import { NO_SIDECAR, readSidecar, sidecarPathOf, unusable, type SidecarReading } from '../files/sidecar.ts'
import type { Node } from '../graph-schema.ts'
import { parseBy, type ParsedFile } from '../text/front-matter.ts'
import type { Reading } from './reading.ts'

/** A node of a scan as its files are now. */
export type LiveNode = {
  node: Node
  absolute: string
  sidecar: {
    /** Beside the node's own path. */
    path: string
    absolute: string
    /** What it holds, if it is a file and can be read. */
    text: string | undefined
    /** Why it cannot be used. */
    faults: string[]
  }
}

/** Where the nodes of a scan lie. */
export type NodePlaces = {
  /** The folders that were scanned, absolute. */
  folders: readonly string[]
  /** The limit of that scan for a file, when it was another than by default. */
  maxFileBytes?: number
  /** How the file of a node is read; as front matter and body when it does not say. */
  readingOf?: (node: Node) => Reading | undefined
}

/** Reads the files of a node in the first folder that has it, by no symbolic link; undefined when none has. */
async function liveNode({ folders, maxFileBytes, readingOf }: NodePlaces, node: Node): Promise<LiveNode | undefined> {
  for (const folder of folders) {
    const absolute = await placeBelow(folder, node.path)
    const { text } = absolute === undefined ? {} : readText(absolute, maxFileBytes ?? limits.mapFileBytes)
    if (absolute === undefined || text === undefined) continue
    const reading = readingOf?.(node) ?? 'frontmatter-yaml'
    return nodeNow(node, absolute, reading === 'walk' ? undefined : parseBy[reading](text))
  }
  return undefined
}

/** A node by its files, which are reached by no symbolic link. Throws NODE_UNKNOWN when no folder has it any more. */
export async function presentNode(places: NodePlaces, node: Node): Promise<LiveNode> {
  const live = await liveNode(places, node)
  if (live !== undefined) return live
  throw new TenonError('NODE_UNKNOWN', `${node.path} is gone, or no file that can be read`, { hint: 'Run "sm scan".' })
}

/** Those of the nodes whose files are others than their sidecars say, in the order of their paths. */
export async function driftedNodes(places: NodePlaces, nodes: readonly Node[]): Promise<Node[]> {
  const drifted: Node[] = []
  for (const node of nodes.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    const live = (await hasSidecar(places, node)) ? await liveNode(places, node) : undefined
    if (live?.node.sidecar?.status?.startsWith('stale') === true) drifted.push(live.node)
  }
  return drifted
}

/** Most nodes have none, and need not be read. */
async function hasSidecar({ folders }: NodePlaces, { path }: Node): Promise<boolean> {
  for (const folder of folders) if (await isFile(join(folder, sidecarPathOf(path)))) return true
  return false
}

/** Where a path of a node leads, or undefined when that is nowhere, elsewhere, or beyond a link. */
async function placeBelow(root: string, path: string): Promise<string | undefined> {
  try {
    const folder = await realpath(root)
    const place = join(folder, path)
    const isBelow = relative(folder, place) === path && !path.split('/').includes('..')
    return isBelow && (await realpath(place)) === place ? place : undefined
  } catch (thrown) {
    if (isExpected(thrown)) return undefined
    throw thrown
  }
}

/** What its Provider read itself is what it was at the scan. */
async function nodeNow(node: Node, absolute: string, parsed: ParsedFile | undefined): Promise<LiveNode> {
  const { tokens: _, ...kept } = node
  const now = parsed === undefined ? kept : { ...kept, ...readAgain(parsed) }
  const place = sidecarPathOf(absolute)
  const { text, state, faults } = await sidecarNow(place, now)
  return {
    node: { ...now, sidecar: state },
    absolute,
    sidecar: { path: sidecarPathOf(node.path), absolute: place, text, faults },
  }
}

function readAgain({ body, bodyHash, frontMatter }: ParsedFile): Partial<Node> & Live {
  const bytes = { frontmatter: Buffer.byteLength(frontMatter.raw ?? ''), body: Buffer.byteLength(body) }
  return {
    ...{ bodyHash, frontmatterHash: frontMatter.hash, frontmatter: frontMatter.value },
    bytes: { ...bytes, total: bytes.frontmatter + bytes.body },
  }
}

type Live = { bodyHash: string; frontmatterHash: string }

async function sidecarNow(path: string, live: Live): Promise<SidecarReading & { text: string | undefined }> {
  if (!(await isFile(path))) return { text: undefined, state: NO_SIDECAR, faults: [] }
  const { text, skipped } = readText(path, limits.mapFileBytes)
  if (skipped !== undefined) return { text: undefined, ...unusable([`the sidecar is ${skipped}`]) }
  return { text, ...readSidecar(text, live) }
}

/** As a scan sees it: a symbolic link is none. */
const isFile = (path: string): Promise<boolean> =>
  lstat(path).then(
    (stat) => stat.isFile(),
    () => false,
  )
