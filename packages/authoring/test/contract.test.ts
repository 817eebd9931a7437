import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { contractOf, readPluginFolder, requireSpec } from '@tenon/authoring'
import { INPUT_TYPES } from '@tenon/contract/schema'
import { instancesOf } from '@tenon/compat'
import { describe, expect, test } from 'vitest'
import { editSpec, quickDisk, scaffoldOnce, write } from './plugins.ts'
import { INPUT } from './released.ts'

const fresh = scaffoldOnce()

const contractAt = async (root: string) => {
  const folder = await readPluginFolder(quickDisk, root)
  return contractOf(requireSpec(folder), folder)
}

describe('the contract of a plugin', () => {
  test('holds what its spec and its files promise', async () => {
    const root = fresh()
    write(root, 'schemas/made.event.schema.json', '{ "type": "object", "properties": { "id": { "type": "string" } } }')
    editSpec(root, (spec) => {
      spec.events = {
        emits: [{ type: 'plugin.demo-plugin.made', version: 1, schema: 'schemas/made.event.schema.json' }],
        handles: [{ type: 'other.done' }],
      }
      const asked = ['event:publish:plugin.demo-plugin.made', 'event:subscribe:other.done', 'storage:kv']
      spec.permissions = asked.map((capability) => ({ capability, reason: 'Needed.' }))
    })
    const contract = await contractAt(root)
    expect(contract).toMatchObject({
      version: '0.1.0',
      operations: { echo: { input: { type: 'object' }, output: { type: 'object' } } },
      events: { 'plugin.demo-plugin.made': { type: 'object' } },
      handles: ['other.done'],
      permissions: ['event:publish:plugin.demo-plugin.made', 'event:subscribe:other.done', 'storage:kv'],
      promises: { '/ledger/auditLevel': { enum: ['basic', 'detailed', 'complete'] } },
    })
    expect(Object.keys(contract.ledger ?? {})).toEqual([
      'plugin.start demo-plugin',
      'plugin.end demo-plugin',
      'operator.call demo-plugin/echo',
    ])
    expect(contract.ledger?.['operator.call demo-plugin/echo']?.entry).toMatchObject({
      properties: {
        at: { type: 'string' },
        decision: { enum: ['allow', 'deny'] },
        details: { required: ['durationMs'] },
      },
      required: expect.arrayContaining(['actor', 'details']),
    })
  })

  test('has a schema for each of the ten kinds of settings', async () => {
    const root = fresh()
    const options = [
      { value: 'a', label: 'A' },
      { value: 'b', label: 'B' },
    ]
    const label = 'x'
    editSpec(root, (spec) => {
      spec.settings = {
        'string-list': { type: 'string-list', label, max: 2, itemMaxLength: 5 },
        'single-string': { type: 'single-string', label, pattern: '^[a-z]+$', maxLength: 8 },
        'boolean-flag': { type: 'boolean-flag', label },
        integer: { type: 'integer', label, min: 4, max: 10, step: 2 },
        'enum-pick': { type: 'enum-pick', label, options },
        'enum-multipick': { type: 'enum-multipick', label, options, min: 1 },
        'path-glob': { type: 'path-glob', label, multiple: true },
        regex: { type: 'regex', label },
        secret: { type: 'secret', label },
        'key-value-list': { type: 'key-value-list', label },
        uneven: { type: 'integer', label, min: 1, step: 2 },
      }
    })
    const { settings = {} } = await contractAt(root)
    expect(new Set(Object.keys(settings))).toEqual(new Set([...INPUT_TYPES, 'uneven']))
    expect(settings).toMatchObject({
      'string-list': { items: { maxLength: 5 }, maxItems: 2 },
      'single-string': { pattern: '^[a-z]+$', maxLength: 8 },
      integer: { minimum: 4, maximum: 10, multipleOf: 2 },
      'enum-multipick': { items: { enum: ['a', 'b'] }, minItems: 1, uniqueItems: true },
      uneven: { steps: { of: 2, from: 1 } },
    })
    for (const schema of Object.values(settings))
      expect(instancesOf(schema, { seed: 1, count: 20, sender: false }).length).toBeGreaterThan(0)
  })

  test('of files that cannot be read is none', async () => {
    const root = fresh()
    write(root, INPUT, '{ "type": "strnig" }')
    await expect(contractAt(root)).rejects.toThrow(expect.objectContaining({ code: 'SCHEMA_INVALID' }))
    rmSync(join(root, INPUT))
    await expect(contractAt(root)).rejects.toThrow(
      `the contract of demo-plugin 0.1.0 cannot be read: ${INPUT} is missing`,
    )
  })

  test('of a plugin that runs on datasets holds its configuration', async () => {
    const root = fresh('python')
    write(root, 'schemas/config.schema.json', '{ "type": "object", "maxProperties": 3 }')
    editSpec(root, (spec) => (spec.dataset = { ...spec.dataset, config: 'schemas/config.schema.json' }))
    expect(await contractAt(root)).toMatchObject({ configuration: { maxProperties: 3 }, operations: {} })
  })

  test.each([
    '[]',
    '{',
    '{ "fields": {}, "entries": [{}] }',
    '{ "fields": {}, "entries": [1] }',
    '{ "fields": { "at": "date" }, "entries": [] }',
  ])('with the ledger contract %s is none', async (ledger) => {
    const root = fresh()
    write(root, 'ledger_contract.json', ledger)
    await expect(contractAt(root)).rejects.toThrow(/ledger_contract\.json/)
  })
})
