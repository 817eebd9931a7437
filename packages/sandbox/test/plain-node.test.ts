import { expect, test } from 'vitest'
import { pluginWith } from './sandboxed.ts'

test.each([
  ['fetch', `await fetch('https://api.example.org:8443/x')`, 'PERMISSION_DENIED', 'net:connect:api.example.org:8443'],
  ['a read', `fs.readFileSync('/etc/passwd')`, 'OPERATION_FAILED', 'fs:read:/etc/passwd'],
  ['a write', `fs.writeFileSync('/srv/x', '')`, 'OPERATION_FAILED', 'fs:write:/srv/x'],
  [
    'a program',
    `(await import('node:child_process')).spawnSync('/bin/sh', [])`,
    'OPERATION_FAILED',
    'No plugin starts programs',
  ],
])('%s as in any program of Node meets the sandbox, and is told what to ask for', async (_, code, expected, hint) => {
  const plugin = await pluginWith('A', `plain: async () => { ${code} }`)
  await expect(plugin.call('plain', null, { traceId: 't' })).rejects.toMatchObject({
    code: expected,
    hint: expect.stringContaining(hint),
  })
})
