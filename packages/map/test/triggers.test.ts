import { normalizeTrigger } from '@tenon/map'
import { expect, test } from 'vitest'

test.each([
  ['Hacer-Review_', 'hacer review'],
  ['Clúster', 'cluster'],
  ['/MyCommand', '/mycommand'],
  ['skill-map:explore', 'skill map:explore'],
  ['/Deploy-All', '/deploy all'],
  [' a__b\t--c ', 'a b c'],
  ['İstanbul', 'istanbul'],
  ['', ''],
])('normalizes %j to %j', (text, normal) => {
  expect(normalizeTrigger(text)).toBe(normal)
})

test('a normal form is its own normal form', () => {
  for (const text of ['Ünï_Cödé--X', '@A/B-c', '  '])
    expect(normalizeTrigger(normalizeTrigger(text))).toBe(normalizeTrigger(text))
})
