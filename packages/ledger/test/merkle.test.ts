import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { digestFromHex, digestHex, type Digest } from '@tenon/contract'
import {
  consistencyProof,
  inclusionProof,
  leafDigest,
  merkleRoot,
  verifyConsistency,
  verifyInclusion,
} from '@tenon/ledger'

// The leaves and roots that Certificate Transparency implementations are tested with.
const VECTOR_LEAVES = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
]
const VECTOR_ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]
const vector = VECTOR_LEAVES.map((hex) => leafDigest(Buffer.from(hex, 'hex')))
const leaves = Array.from({ length: 40 }, (_, n) => leafDigest(`line ${n}`))
const sizes = Array.from({ length: 40 }, (_, n) => n + 1)
const changed = (digest: Digest): Digest => leafDigest(digest)

/** MTH of RFC 6962 as it is written there. */
function slowRoot(list: readonly Digest[]): Digest {
  const sum = createHash('sha256')
  if (list.length === 0) return digestFromHex(sum.digest('hex'))
  if (list.length === 1) return list[0] ?? slowRoot([])
  const split = 2 ** (Math.ceil(Math.log2(list.length)) - 1)
  const halves = [slowRoot(list.slice(0, split)), slowRoot(list.slice(split))].map(digestHex).join('')
  return digestFromHex(sum.update(Buffer.from(`01${halves}`, 'hex')).digest('hex'))
}

describe('the tree', () => {
  test.each(VECTOR_ROOTS.map((root, size) => ({ size, root })))(
    'has the known root for $size leaves',
    ({ size, root }) => {
      expect(merkleRoot(vector.slice(0, size))).toBe(`sha256:${root}`)
    },
  )

  test('has the root of the definition at every size', () => {
    for (const size of sizes) expect(merkleRoot(leaves.slice(0, size))).toBe(slowRoot(leaves.slice(0, size)))
  })
})

describe('an inclusion proof', () => {
  const proofs = sizes.flatMap((size) =>
    sizes.slice(0, size).map((_, index) => {
      const tree = leaves.slice(0, size)
      const leaf = leaves[index] ?? changed(slowRoot([]))
      return { leaf, index, size, root: merkleRoot(tree), proof: inclusionProof(tree, index) }
    }),
  )

  test('verifies for every leaf of every size, with no more digests than the height', () => {
    for (const inclusion of proofs) {
      expect(verifyInclusion(inclusion), `${inclusion.index} of ${inclusion.size}`).toBe(true)
      expect(inclusion.proof.length).toBeLessThanOrEqual(Math.ceil(Math.log2(inclusion.size)))
    }
  })

  test('verifies for nothing else', () => {
    for (const inclusion of proofs) {
      const { leaf, index, size, root, proof } = inclusion
      const wrong = [
        { ...inclusion, leaf: changed(leaf) },
        { ...inclusion, root: changed(root) },
        { ...inclusion, index: size },
        { ...inclusion, index: index === 0 ? size - 1 : index - 1, proof: size === 1 ? [leaf] : proof },
        { ...inclusion, proof: [...proof, leaf] },
        ...proof.map((_, at) => ({ ...inclusion, proof: proof.with(at, leafDigest('other')) })),
        ...(proof.length === 0 ? [] : [{ ...inclusion, proof: proof.slice(1) }]),
      ]
      for (const [at, fake] of wrong.entries()) expect(verifyInclusion(fake), `${index} of ${size}, ${at}`).toBe(false)
    }
  })

  test('refuses numbers that are no counts', () => {
    const [inclusion] = proofs
    if (inclusion === undefined) throw new Error('no proofs')
    for (const index of [-1, 0.5, Number.NaN, 2 ** 53]) expect(verifyInclusion({ ...inclusion, index })).toBe(false)
    expect(() => inclusionProof(leaves, leaves.length)).toThrow('in the tree')
  })
})

describe('a consistency proof', () => {
  const side = (size: number) => ({ size, root: merkleRoot(leaves.slice(0, size)) })
  const proofs = sizes.flatMap((size) =>
    [0, ...sizes.slice(0, size)].map((first) => ({
      first: side(first),
      second: side(size),
      proof: consistencyProof(leaves.slice(0, size), first),
    })),
  )

  test('verifies for every two sizes', () => {
    for (const consistency of proofs)
      expect(verifyConsistency(consistency), `${consistency.first.size} in ${consistency.second.size}`).toBe(true)
  })

  test('verifies for nothing else', () => {
    for (const consistency of proofs) {
      const { first, second, proof } = consistency
      const wrong = [
        { ...consistency, first: { ...first, root: changed(first.root) } },
        ...(first.size === 0 ? [] : [{ ...consistency, second: { ...second, root: changed(second.root) } }]),
        { ...consistency, first: second, second: first, proof: first.size === second.size ? [first.root] : proof },
        { ...consistency, proof: [...proof, first.root] },
        ...proof.map((_, at) => ({ ...consistency, proof: proof.with(at, leafDigest('other')) })),
        ...(proof.length === 0 ? [] : [{ ...consistency, proof: [] }]),
      ]
      for (const [at, fake] of wrong.entries())
        expect(verifyConsistency(fake), `${first.size} in ${second.size}, ${at}`).toBe(false)
    }
  })

  test('refuses numbers that are no counts', () => {
    const second = side(3)
    expect(verifyConsistency({ first: { size: -1, root: second.root }, second, proof: [] })).toBe(false)
    expect(() => consistencyProof(leaves, leaves.length + 1)).toThrow('no larger')
  })
})
