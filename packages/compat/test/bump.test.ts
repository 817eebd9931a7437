import { leastBump, leastVersion, type Change, type Verdict } from '@tenon/compat'
import { expect, test } from 'vitest'

const changes = (...verdicts: Verdict[]): Change[] => verdicts.map((verdict) => ({ where: '', verdict, why: '' }))

test('the bump is the greatest that any change needs, and doubt counts as breaking', () => {
  expect(leastBump(changes())).toBe('patch')
  expect(leastBump(changes('compatible'))).toBe('minor')
  expect(leastBump(changes('compatible', 'breaking'))).toBe('major')
  expect(leastBump(changes('compatible', 'unknown'))).toBe('major')
})

test.each([
  ['1.2.3', '1.2.4', '1.3.0', '2.0.0'],
  ['0.2.3', '0.2.4', '0.2.4', '0.3.0'],
  ['0.0.3', '0.0.4', '0.0.4', '0.1.0'],
  ['2.0.0-rc.1', '2.0.0', '2.0.0', '2.0.0'],
])('after %s at least %s, %s or %s follows', (old, patch, minor, major) => {
  expect(leastVersion(old, changes())).toBe(patch)
  expect(leastVersion(old, changes('compatible'))).toBe(minor)
  expect(leastVersion(old, changes('breaking'))).toBe(major)
})

test('a version that is none is refused', () => {
  expect(() => leastVersion('1.x', [])).toThrow('"1.x" is no version')
})
