import { hash as hashOf } from 'node:crypto'
import { assert, digestHex, type Digest } from '@tenon/contract'

/** The bytes of a digest, one character each: Node makes such a text several times faster than a buffer. */
type RawDigest = string

/** The tree of RFC 6962 over the lines of a stream. Leaves are named by `leafDigest`. */
export const leafDigest = (line: string | Uint8Array): Digest => digestOf(leafHash(bytesOf(line)))

const LEAF = Uint8Array.of(0)
/** Where a leaf is laid out to be hashed; a line that is longer is copied. */
const leafBytes = Buffer.alloc(4_096)
/** Where a node is: a byte 1 and the digests of its two parts. */
const nodeBytes = Buffer.alloc(65, 1)

export function leafHash(line: Uint8Array): RawDigest {
  if (line.length >= leafBytes.length) return sha256(Buffer.concat([LEAF, line]))
  leafBytes.set(line, 1)
  return sha256(leafBytes.subarray(0, line.length + 1))
}

function nodeHash(left: RawDigest, right: RawDigest): RawDigest {
  nodeBytes.write(left, 1, 'binary')
  nodeBytes.write(right, 33, 'binary')
  return sha256(nodeBytes)
}

const nodeDigest = (left: Digest, right: Digest): Digest => digestOf(nodeHash(raw(left), raw(right)))

type GrowingRoot = { add(leaf: RawDigest): void; root(): Digest }

/** The root of a tree that grows by a leaf at a time, in memory that grows with its logarithm. */
export function growingRoot(): GrowingRoot {
  // The roots of the perfect trees of which the whole is made, largest first.
  const perfect: { root: RawDigest; size: number }[] = []
  return {
    add(leaf) {
      let tree = { root: leaf, size: 1 }
      for (let last = perfect.at(-1); last?.size === tree.size; last = perfect.at(-1)) {
        tree = { root: nodeHash(last.root, tree.root), size: tree.size * 2 }
        perfect.pop()
      }
      perfect.push(tree)
    },
    root() {
      const [smallest, ...larger] = perfect.map(({ root }) => root).toReversed()
      return smallest === undefined ? hash() : digestOf(larger.reduce((right, left) => nodeHash(left, right), smallest))
    },
  }
}

export function merkleRoot(leaves: Iterable<Digest>): Digest {
  const tree = growingRoot()
  for (const leaf of leaves) tree.add(raw(leaf))
  return tree.root()
}

/** The digests that lead from the leaf at `index` to the root. */
export function inclusionProof(leaves: readonly Digest[], index: number): Digest[] {
  assert(index >= 0 && index < leaves.length, 'the leaf is in the tree')
  if (leaves.length === 1) return []
  const split = largestPowerBelow(leaves.length)
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)]
  return index < split
    ? [...inclusionProof(left, index), merkleRoot(right)]
    : [...inclusionProof(right, index - split), merkleRoot(left)]
}

/** The digests that show that the tree of the first `size` leaves is a beginning of the whole. */
export function consistencyProof(leaves: readonly Digest[], size: number): Digest[] {
  assert(size >= 0 && size <= leaves.length, 'the earlier tree is no larger')
  return size === 0 ? [] : subproof(leaves, size, true)
}

function subproof(leaves: readonly Digest[], size: number, known: boolean): Digest[] {
  if (size === leaves.length) return known ? [] : [merkleRoot(leaves)]
  const split = largestPowerBelow(leaves.length)
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)]
  return size <= split
    ? [...subproof(left, size, known), merkleRoot(right)]
    : [...subproof(right, size - split, false), merkleRoot(left)]
}

export type Inclusion = { leaf: Digest; index: number; size: number; root: Digest; proof: readonly Digest[] }

/** RFC 9162, 2.1.3.2. */
export function verifyInclusion({ leaf, index, size, root, proof }: Inclusion): boolean {
  if (!isCount(index) || !isCount(size) || index >= size) return false
  let [own, last] = [index, size - 1]
  let node = leaf
  for (const sibling of proof) {
    if (last === 0) return false
    if (own % 2 === 1 || own === last) {
      node = nodeDigest(sibling, node)
      ;[own, last] = toOdd(own, last)
    } else node = nodeDigest(node, sibling)
    ;[own, last] = [half(own), half(last)]
  }
  return last === 0 && node === root
}

export type Consistency = {
  first: { size: number; root: Digest }
  second: { size: number; root: Digest }
  proof: readonly Digest[]
}

/** RFC 9162, 2.1.4.2; an empty tree is a beginning of every tree. */
export function verifyConsistency({ first, second, proof }: Consistency): boolean {
  if (!isCount(first.size) || !isCount(second.size) || first.size > second.size) return false
  if (first.size === 0) return proof.length === 0 && first.root === hash()
  if (first.size === second.size) return proof.length === 0 && first.root === second.root
  const [start, ...path] = isPowerOfTwo(first.size) ? [first.root, ...proof] : proof
  if (start === undefined) return false
  let [own, last] = [first.size - 1, second.size - 1]
  while (own % 2 === 1) [own, last] = [half(own), half(last)]
  let [older, newer] = [start, start]
  for (const sibling of path) {
    if (last === 0) return false
    if (own % 2 === 1 || own === last) {
      ;[older, newer] = [nodeDigest(sibling, older), nodeDigest(sibling, newer)]
      ;[own, last] = toOdd(own, last)
    } else newer = nodeDigest(newer, sibling)
    ;[own, last] = [half(own), half(last)]
  }
  return last === 0 && older === first.root && newer === second.root
}

/** Climbs past the levels on which the node is the last and has no sibling. */
function toOdd(own: number, last: number): [number, number] {
  return own === 0 || own % 2 === 1 ? [own, last] : toOdd(half(own), half(last))
}

const half = (count: number): number => Math.floor(count / 2)
const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0
const isPowerOfTwo = (count: number): boolean => largestPowerBelow(count + 1) === count

function largestPowerBelow(count: number): number {
  let power = 1
  while (power * 2 < count) power *= 2
  return power
}

const raw = (digest: Digest): RawDigest => Buffer.from(digestHex(digest), 'hex').toString('binary')
const digestOf = (digest: RawDigest): Digest => `sha256:${Buffer.from(digest, 'binary').toString('hex')}`
const sha256 = (bytes: Uint8Array): RawDigest => hashOf('sha256', bytes, 'binary')
export const bytesOf = (line: string | Uint8Array): Uint8Array => (typeof line === 'string' ? Buffer.from(line) : line)

/** The digest of bytes, by default of none. */
export const hash = (bytes: Uint8Array = Buffer.of()): Digest => `sha256:${hashOf('sha256', bytes, 'hex')}`
