import { readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { defined, inTurn, jsonValue, limits, TenonError, type Json } from '@tenon/contract'
import type { Described } from './kernel/in-process.ts'
import type { Runners, WalkRunner } from './kernel/runners.ts'
import type { StoreMode } from './kernel/store-facade.ts'
import { jsonDepth } from './text/json-depth.ts'

export type WorkerFile = { path: string; bytes: Uint8Array }

/** Calls an operation of the worker, a process that somebody else contains. */
export type CallWorker = (operation: string, input: Json) => Promise<Json>

/** A worker of its own that sees one root, and nothing else. */
export type Walker = { call: CallWorker; stop(): Promise<void> }
/** Starts it, with the root for its workspace. */
export type OpenWalker = (root: string) => Promise<Walker>

/** The module that a worker starts with. */
export const WORKER_ENTRY = 'worker.mjs'

/** As long as a part of a message may be so that it fits a frame, whatever characters it holds. */
const PART_CHARS = limits.frameBytes / 8
/** How much of several nodes goes to an extension at once. */
const BATCH_CHARS = limits.frameBytes / 2

const WORKER = `import { definePlugin } from '@tenon/sdk'
import { inProcess } from './in-process.mjs'
import { storeFacade } from './store-facade.mjs'

let services
const mode = STORE_MODE
const store = mode && storeFacade(mode, (method, args) => services.call('store', { method, args }))
const modules = await Promise.all(EXTENSIONS.map((path) => import(path)))
const described = modules.map((module) => inProcess(module.default, store))
let given = ''
let answer = ''
let walk

/** The next part of a walk, which a request begins; the root is where this process sees it. */
const walked = async (runner, request) => {
  walk = request ? runner.walk({ ...request, root: process.env.TENON_WORKSPACE }) : walk
  const { value = [], done } = await walk.next()
  return { part: value, isLast: done === true }
}

const nextPart = () => {
  const part = answer.slice(0, PART_CHARS)
  answer = answer.slice(PART_CHARS)
  return { part, isLast: answer === '' }
}

export default definePlugin({
  operations: {
    describe: async () =>
      described.map(({ runner, ...declared }) => ({ ...declared, kinds: Object.keys(runner) })),
    give: async ({ part }) => void (given += part),
    work: async ({ index, kind, part }, context) => {
      services = context.services
      const inputs = JSON.parse(given + part)
      given = ''
      const { runner } = described[index]
      answer = JSON.stringify(await (kind === 'walk' ? walked(runner, ...inputs) : runner[kind](...inputs)))
      return nextPart()
    },
    rest: async () => nextPart(),
  },
})
`

/** The files of a worker that holds these files, the entries among them being its extension modules. */
export function workerFiles(own: readonly WorkerFile[], entries: readonly string[], mode?: StoreMode): WorkerFile[] {
  const worker = WORKER.replace('EXTENSIONS', () => JSON.stringify(entries.map((path) => `./${path}`)))
    .replace('STORE_MODE', mode === undefined ? 'undefined' : JSON.stringify(mode))
    .replaceAll('PART_CHARS', String(PART_CHARS))
  return [
    ...own,
    { path: 'in-process.mjs', bytes: sourceOf(new URL('./kernel/in-process.ts', import.meta.url)) },
    { path: 'store-facade.mjs', bytes: sourceOf(new URL('./kernel/store-facade.ts', import.meta.url)) },
    { path: WORKER_ENTRY, bytes: Buffer.from(worker) },
  ]
}

const sourceOf = (file: URL): Uint8Array => Buffer.from(stripTypeScriptTypes(readFileSync(file, 'utf8')))

type DescribedFar = { manifest: Json; owner?: Json; dependsOn?: Json; kinds: string[] }

const isDescribed = (value: unknown): value is DescribedFar[] =>
  Array.isArray(value) && value.every((one) => Array.isArray((Object(one) as { kinds?: unknown }).kinds))

/** The extensions of a worker, with their code where it is. Those that walk are given a worker of their own for each root. */
export async function containedExtensions(call: CallWorker, openWalker: OpenWalker): Promise<Described[]> {
  const described = await call('describe', null)
  if (!isDescribed(described)) throw new TenonError('PROTOCOL_VIOLATION', 'did not describe its extensions')
  const ask = asking(call)
  return described.map(({ manifest, owner, dependsOn, kinds }, index) => ({
    ...{ manifest, ...defined({ owner, dependsOn }) },
    runner: {
      ...runnersOf(kinds, (kind, inputs) => ask({ index, kind }, inputs)),
      ...(kinds.includes('walk') ? { walk: walkRunner(index, openWalker) } : {}),
    },
  }))
}

type Asked = { index: number; kind: string }
type Ask = (asked: Asked, inputs: readonly unknown[]) => Promise<never>

/** An extension that once gave no answer is asked no more: it may hang each time. */
function asking(call: CallWorker): Ask {
  const exchange = exchanging(call)
  const lost = new Map<number, unknown>()
  return async (asked, inputs) => {
    if (lost.has(asked.index)) throw lost.get(asked.index)
    return exchange(asked, inputs).catch((thrown: unknown) => {
      lost.set(asked.index, thrown)
      throw thrown
    })
  }
}

/** Messages of any length, in parts that fit a frame each; one after the other, because a worker holds one at a time. */
function exchanging(call: CallWorker): Ask {
  const turn = inTurn()
  return (asked, inputs) =>
    turn(async () => {
      const parts = inParts(JSON.stringify(inputs))
      const last = parts.pop() ?? ''
      for (const part of parts) await call('give', { part })
      let answer = partIn(await call('work', { ...asked, part: last }))
      let text = answer.part
      while (!answer.isLast) {
        answer = partIn(await call('rest', null))
        text += answer.part
        if (text.length > limits.mapAnswerChars) throw new Error(`gave more than ${limits.mapAnswerChars} characters`)
      }
      // Deeper than this, whoever looks at it would run out of stack.
      if (jsonDepth(text) > limits.mapAnswerDepthMax)
        throw new Error(`gave what is nested more than ${limits.mapAnswerDepthMax} deep`)
      return jsonValue(text) as never
    })
}

/** Without a character in each part but the last, an answer would never end. */
function partIn(answer: Json): { part: string; isLast: boolean } {
  const { part, isLast } = Object(answer) as { part?: unknown; isLast?: unknown }
  if (typeof part !== 'string' || (part === '' && isLast !== true)) throw new Error('gave an answer without text')
  return { part, isLast: isLast === true }
}

const inParts = (text: string): string[] =>
  Array.from({ length: Math.ceil(text.length / PART_CHARS) }, (_, index) =>
    text.slice(index * PART_CHARS, (index + 1) * PART_CHARS),
  )

const walkRunner = (index: number, openWalker: OpenWalker): WalkRunner =>
  async function* ({ root, kept }) {
    const walker = await openWalker(root)
    try {
      const exchange = exchanging(walker.call)
      let request: { kept: readonly string[] } | null = { kept }
      for (let isLast = false; !isLast; request = null) {
        const answer: unknown = await exchange({ index, kind: 'walk' }, [request])
        const { part, isLast: ends } = Object(answer) as { part?: unknown; isLast?: unknown }
        isLast = ends === true
        yield part
      }
    } finally {
      await walker.stop()
    }
  }

type Asking = Exclude<keyof Runners, 'walk'>

function runnersOf(
  kinds: readonly string[],
  ask: (kind: Asking, inputs: readonly unknown[]) => Promise<never>,
): Partial<Runners> {
  const all: Pick<Runners, Asking> = {
    provider: (files) => inBatches(files, (batch) => ask('provider', [batch])),
    extractor: (nodes, settings) => inBatches(nodes, (batch) => ask('extractor', [batch, settings])),
    rule: (graph, settings) => ask('rule', [graph, settings]),
    action: (input, settings) => ask('action', [input, settings]),
    formatter: (graph, settings) => ask('formatter', [graph, settings]),
    hook: (told, settings) => ask('hook', [told, settings]),
  }
  return Object.fromEntries(Object.entries(all).filter(([kind]) => kinds.includes(kind)))
}

/** As few calls as parts need: one call a node would cost more than the extension's own work. */
async function inBatches<T>(
  inputs: readonly unknown[],
  ask: (batch: readonly unknown[]) => Promise<T[]>,
): Promise<T[]> {
  const answers: T[] = []
  let batch: unknown[] = []
  let chars = 0
  const flush = async (): Promise<void> => {
    if (batch.length > 0) answers.push(...(await ask(batch)))
    batch = []
    chars = 0
  }
  for (const input of inputs) {
    const size = JSON.stringify(input).length
    if (chars + size > BATCH_CHARS) await flush()
    batch.push(input)
    chars += size
  }
  await flush()
  return answers
}
