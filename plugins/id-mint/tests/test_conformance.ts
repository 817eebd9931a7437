import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { testPlugin, type PluginUnderTest } from '@tenon/sdk/testing'
import plugin from '../src/plugin.ts'

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')
const WHEN = /^When (\w+) is given (.+)$/
const THEN = /^Then it (?:answers (.+)|refuses with (\w+))$/

const scenarios = read('conformance/behavior/identifiers.feature')
  .split(/^ +Scenario: /m)
  .slice(1)
  .map((text) => text.trim().split(/\n\s*/))

async function perform(host: PluginUnderTest, when: string, then: string): Promise<void> {
  const [, operation = '', input = ''] = WHEN.exec(when) ?? assert.fail(`no such step: ${when}`)
  const [, answer, code] = THEN.exec(then) ?? assert.fail(`no such step: ${then}`)
  const call = host.call(operation, JSON.parse(input))
  if (answer === undefined) await assert.rejects(call, { code })
  else assert.deepEqual(await call, JSON.parse(answer))
}

for (const [name = '', ...steps] of scenarios)
  test(name, async () => {
    const host = testPlugin(plugin)
    assert.ok(steps.length > 0 && steps.length % 2 === 0)
    for (let at = 0; at < steps.length; at += 2) await perform(host, steps[at] ?? '', steps[at + 1] ?? '')
  })

for (const operation of ['mint', 'validate', 'transform'])
  test(`the example of ${operation} is what it answers`, async () => {
    const host = testPlugin(plugin)
    const request = JSON.parse(read(`examples/${operation}_request.json`))
    assert.deepEqual(await host.call(operation, request), JSON.parse(read(`examples/${operation}_response.json`)))
  })
