import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@tenon/testkit'
import { expect, test } from 'vitest'
import { problemsOf, scaffoldOnce, write } from './plugins.ts'

const fresh = scaffoldOnce()

/** Whether it is said, by no policy at all, that the tests of an operation refuse nothing. */
async function refusesNothing(end: 'ts' | 'py', text: string): Promise<boolean> {
  const root = fresh()
  rmSync(join(root, 'tests/test_echo.ts'))
  write(root, `tests/test_echo.${end}`, `${text}\n`)
  return (await problemsOf(root, temporaryFolder())).some(({ code }) => code === 'TEST_REFUSES_NOTHING')
}

test.each([
  ['ts', "await assert.rejects(call('echo', {}), { code: 'X' })"],
  ['ts', 'assert.throws(() => echo(1))'],
  ['ts', 't.assert.rejects(echo(1))'],
  ['ts', 'assert.equal(\n  (await ask()).status, 422)\nassert.equal(response.status, 422)'],
  ['ts', 'assert.equal(judged.valid, false)'],
  ['ts', 'await expect(\n  echo(1),\n).rejects.toMatchObject({})'],
  ['ts', 'expect(() => echo(1)).toThrowError(/no/)'],
  ['ts', 'expect(answer.statusCode).toBe(404)'],
  ['ts', 'expect(isValid).toBeFalsy()'],
  ['py', '        with self.assertRaises(ValueError):'],
  ['py', '        with self.assertRaisesRegex(ValueError, "no"):'],
  ['py', '        self.assertFalse(is_valid(1))'],
  ['py', '    with pytest.raises(ValueError):'],
  ['py', '    assert response.status_code == 422'],
  ['py', '    assert not is_valid(1)'],
  ['py', '    assert is_valid(1) is False'],
] as const)('in %s a case that is refused is told by: %s', async (end, text) => {
  expect(await refusesNothing(end, text)).toBe(false)
})

test.each([
  ['ts', 'assert.equal(1, 1)'],
  ['ts', 'assert.equal(response.status, 200)'],
  ['ts', 'const valid = false\nassert.ok(!valid)'],
  ['ts', 'assert.ok(1)\n// await assert.rejects(echo(1))'],
  ['ts', 'assert.doesNotThrow(() => echo(1))'],
  ['ts', 'expect(() => echo(1)).not.toThrow()'],
  ['py', '    assert 1 == 1'],
  ['py', '    assert 1 == 1\n    # with pytest.raises(ValueError):'],
  ['py', '        self.assertTrue(is_valid(1))'],
] as const)('in %s no case that is refused is: %s', async (end, text) => {
  expect(await refusesNothing(end, text)).toBe(true)
})
