import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { FakeHost } from './fake-host.ts'
import { running, type Plugin, type Reply } from './running.ts'

const WHEN = /^When (the host|a stranger) sends (\w+) (\S+)(?: (.+))?$/
const THEN = /^Then the answer is (\d+) with (.+)$/
const AND = /^And the host is sent (\S+) (\d+) times?$/

const scenarios = readFileSync(new URL('../conformance/behavior/users.feature', import.meta.url), 'utf8')
  .split(/^ +Scenario: /m)
  .slice(1)
  .map((text) => text.trim().split(/\n\s*/))

async function send(plugin: Plugin, step: RegExpExecArray): Promise<Reply> {
  const [, who, method = '', path = '', body] = step
  return plugin.call(method, path, body, who === 'a stranger' ? { authorization: '' } : {})
}

function judge(step: string, reply: Reply | undefined, host: FakeHost): void {
  const [, status, body = ''] = THEN.exec(step) ?? []
  const [, path = '', times] = AND.exec(step) ?? []
  if (status !== undefined) {
    assert.equal(reply?.status, Number(status), step)
    assert.partialDeepStrictEqual(reply?.body, JSON.parse(body))
  } else assert.equal(host.at(path).length, Number(times ?? assert.fail(`no such step: ${step}`)), step)
}

for (const [name = '', ...steps] of scenarios)
  test(name, async (context) => {
    const { host, plugin } = await running(context)
    let reply: Reply | undefined
    for (const step of steps) {
      const when = WHEN.exec(step)
      if (when === null) judge(step, reply, host)
      else reply = await send(plugin, when)
    }
  })
