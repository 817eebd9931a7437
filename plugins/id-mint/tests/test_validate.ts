import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkedId } from '../src/checked-id.ts'
import { testPlugin } from '@tenon/sdk/testing'
import plugin from '../src/plugin.ts'

type Verdict = { kind: string; valid: boolean; reason?: string }
const host = testPlugin(plugin)
const judge = async (id: string): Promise<Verdict> => (await host.call('validate', { id })) as Verdict
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'
const PRINTABLE = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index))
const LONGEST = 'WXYZABCD'
const SAMPLES = [
  checkedId('INV', 42),
  checkedId('A', 1),
  checkedId('ZZZ', 999_999),
  checkedId('ORDER', 1_234_567),
  checkedId(LONGEST, 9_876_543_210),
  checkedId('V', 1_000_000_000),
].map(String)

const replaced = (text: string, at: number, character: string): string =>
  text.slice(0, at) + character + text.slice(at + 1)
const swapped = (text: string, left: number, right: number): string =>
  replaced(replaced(text, left, text[right] ?? ''), right, text[left] ?? '')

test('the check characters are those of ISO 7064 MOD 1271-36', () => {
  const sum = (text: string): number => [...text].reduce((s, c) => (s * 36 + ALPHABET.indexOf(c)) % 1271, 0)
  assert.equal(sum('ISO793W'), 1)
  for (const id of SAMPLES) assert.equal(sum(id.replaceAll('-', '')), 1, id)
})

test('finds every id that it mints sound', async () => {
  for (const id of SAMPLES) assert.deepEqual(await judge(id), { kind: 'checked', valid: true })
})

test('catches every changed character of every sample: prefix, number, check characters and hyphens', async () => {
  let tried = 0
  for (const id of SAMPLES)
    for (let at = 0; at < id.length; at++)
      for (const character of PRINTABLE) {
        if (character === id[at]) continue
        assert.equal((await judge(replaced(id, at, character))).valid, false, `${id} → ${replaced(id, at, character)}`)
        tried++
      }
  assert.equal(tried, SAMPLES.join('').length * 94)
})

test('catches every swap of two characters of every sample, wherever they stand', async () => {
  let tried = 0
  for (const id of SAMPLES)
    for (let left = 0; left < id.length; left++)
      for (let right = left + 1; right < id.length; right++) {
        if (id[left] === id[right]) continue
        assert.equal((await judge(swapped(id, left, right))).valid, false, `${id} → ${swapped(id, left, right)}`)
        tried++
      }
  assert.ok(tried > 500, `${tried} swaps`)
})

test('no change of one character and no swap can leave the sum as it was, in an id of up to twenty characters', () => {
  const weights = Array.from({ length: 20 }).reduce<number[]>((all) => [...all, ((all.at(-1) ?? 0) * 36) % 1271], [1])
  for (const [place, weight] of weights.slice(0, 20).entries())
    for (let difference = 1; difference < 36; difference++) {
      assert.notEqual((difference * weight) % 1271, 0)
      for (const other of weights.slice(place + 1, 20))
        assert.notEqual((difference * (other - weight + 1271)) % 1271, 0, `${difference} at ${place}`)
    }
})

test('catches a lost and a doubled character', async () => {
  for (const id of SAMPLES)
    for (let at = 0; at < id.length; at++) {
      const lost = id.slice(0, at) + id.slice(at + 1)
      const doubled = id.slice(0, at) + id.slice(at, at + 1) + id.slice(at)
      assert.equal((await judge(lost)).valid, false, lost)
      assert.equal((await judge(doubled)).valid, false, doubled)
    }
})

test('says why an id is not sound', async () => {
  assert.match((await judge('INV-000042-00')).reason ?? '', /check characters "00"/)
  assert.match((await judge('inv-000042-BR')).reason ?? '', /capital letters/)
  assert.match((await judge('01ARZ3NDEKTSV4RRFFQ69G5FAU')).reason ?? '', /"U" is no character/)
  assert.match((await judge('81ARZ3NDEKTSV4RRFFQ69G5FAV')).reason ?? '', /greater than 7/)
  assert.deepEqual(await judge('hello'), {
    kind: 'unknown',
    valid: false,
    reason: 'it reads like no ULID, no UUID and no checked id',
  })
})

test('judges for other plugins, too', async () => {
  assert.deepEqual(await host.serve('judge', { id: 'INV-000042-00' }), await judge('INV-000042-00'))
  assert.deepEqual(await host.serve('judge', { id: '01ARZ3NDEKTSV4RRFFQ69G5FAV' }), { kind: 'ulid', valid: true })
})

test('knows ULIDs and UUIDs', async () => {
  assert.deepEqual(await judge('01ARZ3NDEKTSV4RRFFQ69G5FAV'), { kind: 'ulid', valid: true })
  assert.deepEqual(await judge('0156e3fb-52c4-4d3f-8c3e-0123456789ab'), { kind: 'uuid', valid: true })
})
