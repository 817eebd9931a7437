import { readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { limits, type Json, type JsonObject } from '@tenon/contract'
import type { ExtensionSource, MapPlugin } from './kernel/extension.ts'
import type { Answer, Emission, RuleFindings, Runners } from './kernel/runners.ts'

export type WorkerFile = { path: string; bytes: Uint8Array }

/** Calls an operation of the worker, a process that somebody else contains. */
export type CallWorker = (operation: string, input: Json) => Promise<Json>

/** The module that a worker starts with. */
export const WORKER_ENTRY = 'worker.mjs'

const WORKER = `import { definePlugin } from '@tenon/sdk'
import { inProcess } from './in-process.mjs'

const described = (await Promise.all(EXTENSIONS.map((path) => import(path)))).map((module) => inProcess(module.default))
const runner = (index, kind) => described[index].runner[kind]

export default definePlugin({
  operations: {
    describe: async () => described.map(({ manifest, runner }) => ({ manifest, kinds: Object.keys(runner) })),
    provider: async ({ index, inputs }) => runner(index, 'provider')(inputs),
    extractor: async ({ index, inputs, settings }) => runner(index, 'extractor')(inputs, settings),
    rule: async ({ index, graph, settings }) => runner(index, 'rule')(graph, settings),
    action: async ({ index, input, settings }) => runner(index, 'action')(input, settings),
    formatter: async ({ index, graph, settings }) => runner(index, 'formatter')(graph, settings),
    hook: async ({ index, told, settings }) => runner(index, 'hook')(told, settings),
  },
})
`

/** The files of a worker that holds these extension modules. */
export function workerFiles(modules: readonly Uint8Array[]): WorkerFile[] {
  const own = modules.map((bytes, index) => ({ path: `extension-${index}.mjs`, bytes }))
  const names = JSON.stringify(own.map(({ path }) => `./${path}`))
  const source = readFileSync(new URL('./kernel/in-process.ts', import.meta.url), 'utf8')
  return [
    ...own,
    { path: 'in-process.mjs', bytes: Buffer.from(stripTypeScriptTypes(source)) },
    { path: WORKER_ENTRY, bytes: Buffer.from(WORKER.replace('EXTENSIONS', () => names)) },
  ]
}

/** The extensions of a worker, as the kernel takes them. */
export async function containedExtensions(plugin: MapPlugin, call: CallWorker): Promise<ExtensionSource[]> {
  const described = (await call('describe', null)) as { manifest: Json; kinds: string[] }[]
  return described.map(({ manifest, kinds }, index) => ({ plugin, manifest, runner: runnersOf(index, kinds, call) }))
}

function runnersOf(index: number, kinds: readonly string[], call: CallWorker): Partial<Runners> {
  const all: Runners = {
    provider: (files) =>
      inBatches(files, (inputs) => call('provider', json({ index, inputs }))) as Promise<Answer<string | null>[]>,
    extractor: (nodes, settings) =>
      inBatches(nodes, (inputs) => call('extractor', json({ index, inputs, settings }))) as Promise<
        Answer<Emission[]>[]
      >,
    rule: async (graph, settings) => (await call('rule', json({ index, graph, settings }))) as Answer<RuleFindings>,
    action: async (input, settings) => (await call('action', json({ index, input, settings }))) as Answer<unknown>,
    formatter: async (graph, settings) => (await call('formatter', json({ index, graph, settings }))) as Answer<string>,
    hook: async (told, settings) => (await call('hook', json({ index, told, settings }))) as Answer<null>,
  }
  return Object.fromEntries(Object.entries(all).filter(([kind]) => kinds.includes(kind)))
}

const json = (value: object): JsonObject => value as JsonObject

/** As few calls as frames of half the allowed size need: one call a node would cost more than the extension's own work. */
async function inBatches(
  inputs: readonly unknown[],
  call: (batch: readonly unknown[]) => Promise<Json>,
): Promise<unknown[]> {
  const answers: unknown[] = []
  let batch: unknown[] = []
  let bytes = 0
  const flush = async (): Promise<void> => {
    if (batch.length > 0) answers.push(...((await call(batch)) as unknown[]))
    batch = []
    bytes = 0
  }
  for (const input of inputs) {
    const size = Buffer.byteLength(JSON.stringify(input))
    if (bytes + size > limits.frameBytes / 2) await flush()
    batch.push(input)
    bytes += size
  }
  await flush()
  return answers
}
