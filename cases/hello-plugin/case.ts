import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startPlatform } from '../harness/platform.ts'

test('a new plugin goes through its whole life', async () => {
  const platform = await startPlatform()
  const { tenon, home } = platform
  const step = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await tenon(args)
    expect([args, code, stderr]).toEqual([args, 0, ''])
    return stdout
  }
  const root = join(home, 'plugins/hello-world')
  await step('plugin', 'new', 'hello-world', '--publisher', 'acme', '--in', join(home, 'plugins'))
  await step('plugin', 'derive', root, '--check')
  expect(await step('plugin', 'validate', root)).toContain('ok   operations (1 checked)')
  expect(await step('plugin', 'pack', root, '--out', join(home, 'packed'))).toContain('hello-world-0.1.0.tgz')
  expect((await platform.publish(root)).stdout).toContain('published hello-world@0.1.0')
  expect(await step('plugin', 'install', 'acme/hello-world')).toContain('+ hello-world 0.1.0')
  const early = await tenon(['call', 'hello-world', 'echo', '--input', join(root, 'examples/echo_request.json')])
  expect([early.code, early.stderr]).toEqual([2, expect.stringContaining('PLUGIN_DISABLED')])
  await step('plugin', 'enable', 'hello-world')
  expect(await step('call', 'hello-world', 'echo', '--input', join(root, 'examples/echo_request.json'), '--json')).toBe(
    '{\n  "text": "hello"\n}\n',
  )
  expect(await step('plugin', 'list')).toMatch(/hello-world\s+0\.1\.0\s+node\s+active/)
  await step('plugin', 'disable', 'hello-world', '--reason', 'the end')
  expect((await tenon(['call', 'hello-world', 'echo'])).stderr).toContain('PLUGIN_DISABLED')
  expect(await step('plugin', 'uninstall', 'hello-world')).toContain('- hello-world')
  expect(await step('ledger', 'verify')).toContain('as they were written')
})
