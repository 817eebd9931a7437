import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { canonicalJson } from '@tenon/contract'
import { chainLine, EMPTY_CHAIN, leafDigest, merkleRoot, verifyChain, type Chain } from '@tenon/ledger'

function chainOf(count: number): { lines: string[]; chain: Chain } {
  let chain = EMPTY_CHAIN
  const lines = Array.from({ length: count }, (_, n) => {
    const next = chainLine(chain, { what: `entry ${n}` })
    chain = next.chain
    return next.line
  })
  return { lines, chain }
}

const COUNT = 6
const { lines, chain } = chainOf(COUNT)
const at = (index: number): string => lines[index] ?? ''
const places = lines.map((_, index) => index)
const signedAt = (size: number) => ({
  size,
  head: chainOf(size).chain.head,
  root: merkleRoot(lines.slice(0, size).map(leafDigest)),
})
const rewritten = (index: number, change: object): string[] =>
  lines.with(index, canonicalJson({ ...JSON.parse(at(index)), ...change }))

describe('a line', () => {
  test('is canonical JSON that holds its number and the digest of the line before', () => {
    expect(at(0)).toBe(
      '{"prev":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","seq":0,"what":"entry 0"}',
    )
    expect(JSON.parse(at(1))).toEqual({
      prev: `sha256:${createHash('sha256').update(at(0)).digest('hex')}`,
      seq: 1,
      what: 'entry 1',
    })
  })

  test('takes number and digest from the chain, whatever the entry claims', () => {
    expect(JSON.parse(chainLine(EMPTY_CHAIN, { seq: 9, prev: 'x' }).line)).toEqual({ seq: 0, prev: EMPTY_CHAIN.head })
  })
})

describe('a whole chain', () => {
  test('is found whole, with its length, head and root, as text or bytes', async () => {
    const whole = { ok: true, count: COUNT, head: chain.head, root: signedAt(COUNT).root }
    expect(await verifyChain(lines)).toEqual(whole)
    expect(await verifyChain(lines.map((line) => Buffer.from(line)))).toEqual(whole)
  })

  test('may be empty', async () => {
    expect(await verifyChain([])).toEqual({ ok: true, ...EMPTY_CHAIN, root: merkleRoot([]) })
  })
})

describe('the position of a fault', () => {
  const brokenAt = async (changed: Iterable<string | Uint8Array>, position: number, why: string) =>
    expect(await verifyChain(changed)).toEqual({ ok: false, position, why: expect.stringContaining(why) })

  test.each(places.slice(0, -1))('is that of the changed line (%i)', async (index) => {
    await brokenAt(rewritten(index, { what: 'other' }), index + 1, 'was changed')
  })

  test.each(places.slice(1, -1))('is that of a line whose prev was changed (%i)', async (index) => {
    await brokenAt(rewritten(index, { prev: leafDigest('x') }), index + 1, 'prev')
  })

  test('is that of the first line when its prev was changed', async () => {
    await brokenAt(rewritten(0, { prev: leafDigest('x') }), 1, 'prev')
  })

  test.each(places.slice(0, -1))('is that of the deleted line (%i)', async (index) => {
    await brokenAt(lines.toSpliced(index, 1), index + 1, 'deleted')
  })

  test.each(places.slice(1))('is that of the inserted line (%i)', async (index) => {
    const foreign = canonicalJson({ seq: 77, prev: EMPTY_CHAIN.head })
    await brokenAt(lines.toSpliced(index, 0, foreign), index + 1, 'inserted')
    const fitting = chainLine(chainOf(index).chain, { what: 'forged' }).line
    await brokenAt(lines.toSpliced(index, 0, fitting), index + 1, 'inserted')
  })

  test.each(places.slice(0, -1))('is that of the first of two lines that changed places (%i)', async (index) => {
    await brokenAt(lines.with(index, at(index + 1)).with(index + 1, at(index)), index + 1, 'moved')
  })

  test.each([
    ['text that is no JSON', 'nonsense'],
    ['an array', '[]'],
    ['a value', '7'],
    ['null', 'null'],
    ['nothing', ''],
    ['another spelling of the same object', at(3).replace(':', ': ')],
    ['a line end of another system', `${at(3)}\r`],
    ['a number that cannot be held', '{"seq":1e400}'],
    ['nesting without end', '['.repeat(200_000)],
    ['bytes that are no UTF-8', Buffer.from([0x22, 0xff, 0x22])],
  ])('is that of a line that is %s', async (_what, line) => {
    await brokenAt([...lines.slice(0, 3), line, ...lines.slice(4)], 4, 'canonical JSON')
  })

  test('is that of a line without a number', async () => {
    await brokenAt(rewritten(3, { seq: '3' }), 4, 'no seq')
  })

  test('is that of the earlier of two faults', async () => {
    await brokenAt([...rewritten(1, { what: 'other' }).slice(0, 3), 'nonsense'], 2, 'was changed')
  })

  test('is that of a line of another stream', async () => {
    expect(await verifyChain(lines, { stream: 'a' })).toMatchObject({ ok: false, position: 1 })
  })
})

describe('against a checkpoint', () => {
  test('a chain that went on is whole', async () => {
    for (const size of [0, 1, 3, COUNT])
      expect(await verifyChain(lines, { signed: signedAt(size) })).toMatchObject({ ok: true, count: COUNT })
  })

  test('lines that are missing at the end are named', async () => {
    expect(await verifyChain(lines.slice(0, 4))).toMatchObject({ ok: true })
    expect(await verifyChain(lines.slice(0, 4), { signed: signedAt(COUNT) })).toEqual({
      ok: false,
      position: 5,
      why: expect.stringContaining('signed 6 lines, 4 are here'),
    })
    expect(await verifyChain([], { signed: signedAt(1) })).toMatchObject({ ok: false, position: 1 })
  })

  test('a change of the last line is found', async () => {
    const changed = rewritten(COUNT - 1, { what: 'other' })
    expect(await verifyChain(changed)).toMatchObject({ ok: true })
    expect(await verifyChain(changed, { signed: signedAt(COUNT) })).toMatchObject({ ok: false, position: COUNT })
  })

  test('a chain that was written anew is found by its head and by its root', async () => {
    const { head, root } = signedAt(3)
    for (const signed of [
      { size: 3, head: leafDigest('x'), root },
      { size: 3, head, root: leafDigest('x') },
    ])
      expect(await verifyChain(lines, { signed })).toEqual({ ok: false, position: 3, why: expect.any(String) })
  })
})
