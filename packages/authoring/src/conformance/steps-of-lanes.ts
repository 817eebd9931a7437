import { readJson, type Json } from '@tenon/contract'
import { closed, shown, validatorOf, valueAt } from '@tenon/contract/schema'
import Type from 'typebox'
import { lacking, unlike } from './json-match.ts'
import type { HttpScene } from './scene.ts'
import { insist } from './steps-of-calls.ts'
import { act, answerOf, fault, jsonIn, partOf, textIn, type Course, type Step } from './step.ts'

/** Datasets, for plugins that run on them. */
export const STEPS_OF_DATASETS: readonly Step[] = [
  {
    pattern: 'the file {text} with {text}',
    kind: 'given',
    means: 'Puts a file into the dataset.',
    run: (course, path, text) => partOf(course, 'dataset').file(textIn(path), textIn(text)),
  },
  {
    pattern: 'the file {text} with:',
    kind: 'given',
    means: 'The same, with the text below and a line end behind it.',
    run: (course, path, below) => partOf(course, 'dataset').file(textIn(path), `${below}\n`),
  },
  {
    pattern: 'the configuration is {json}',
    kind: 'given',
    means: 'Configures the run.',
    run: async (course, config) => partOf(course, 'dataset').configure(jsonIn(config)),
  },
  {
    pattern: 'the dataset is run',
    kind: 'when',
    means: 'Runs the plugin on the dataset. It answers with the paths of its outputs, or refuses.',
    run: (course) => act(course, () => partOf(course, 'dataset').run()),
  },
  {
    pattern: 'the output {text} at {text} is {json}',
    kind: 'then',
    means: 'In this JSON file of the outputs, at this pointer, stands exactly this.',
    run: async (course, path, pointer, wanted) =>
      insist(unlike(await outputAt(course, textIn(path), textIn(pointer)), jsonIn(wanted))),
  },
  {
    pattern: 'the output {text} at {text} has {json}',
    kind: 'then',
    means: 'The same, where objects may hold more.',
    run: async (course, path, pointer, wanted) =>
      insist(lacking(await outputAt(course, textIn(path), textIn(pointer)), jsonIn(wanted))),
  },
  {
    pattern: 'the output {text} holds {text}',
    kind: 'then',
    means: 'The file of the outputs has this text somewhere.',
    run: async (course, path, wanted) => {
      const text = await outputText(course, textIn(path))
      if (!text.includes(textIn(wanted))) fault(`it is ${shown(text)}`)
    },
  },
]

async function outputText(course: Course, path: string): Promise<string> {
  answerOf(course)
  return (await partOf(course, 'dataset').output(path)) ?? fault('no such output was written')
}

async function outputAt(course: Course, path: string, pointer: string): Promise<Json | undefined> {
  const { value } = readJson(await outputText(course, path))
  return value === undefined ? fault('the output is no JSON') : (valueAt(value, pointer) as Json | undefined)
}

const scanOf = (course: Course, path: string, text: string): Promise<void> =>
  act(course, async () => {
    const map = partOf(course, 'map')
    await map.file(path, text)
    return map.scan()
  })

const scans = validatorOf(closed({ shown: Type.Unsafe<Json>(Type.Unknown()), warnings: Type.Array(Type.String()) }))

function scanned(course: Course): { shown: Json; warnings: string[] } {
  const answer = answerOf(course)
  return scans.is(answer) ? answer : fault('nothing was scanned before')
}

/** Nodes, for plugins of the map. */
export const STEPS_OF_MAPS: readonly Step[] = [
  {
    pattern: 'a node holds {text}',
    kind: 'when',
    means: 'Scans a Markdown file with this text.',
    run: (course, text) => scanOf(course, 'node.md', textIn(text)),
  },
  {
    pattern: 'a node holds:',
    kind: 'when',
    means: 'Scans a Markdown file with the text below.',
    run: (course, below) => scanOf(course, 'node.md', `${below}\n`),
  },
  {
    pattern: 'it shows {json}',
    kind: 'then',
    means: 'The plugin contributes exactly this to the node, by the ids of its contributions.',
    run: async (course, wanted) => insist(unlike(scanned(course).shown, jsonIn(wanted))),
  },
  {
    pattern: 'it has no warning',
    kind: 'then',
    means: 'No rule of the plugin found anything.',
    run: async (course) => insist(unlike(scanned(course).warnings, [])),
  },
  {
    pattern: 'it has the warning {rest}',
    kind: 'then',
    means: 'A rule of the plugin says exactly this.',
    run: async (course, wanted) => {
      const { warnings } = scanned(course)
      if (!warnings.includes(wanted)) fault(`its warnings are ${JSON.stringify(warnings)}`)
    },
  },
]

const send = (course: Course, ...request: Parameters<HttpScene['send']>): Promise<void> =>
  act(course, () => partOf(course, 'http').send(...request))

/** Requests, for remote plugins. */
export const STEPS_OF_REQUESTS: readonly Step[] = [
  {
    pattern: 'the host sends {word} {path}',
    kind: 'when',
    means: 'Sends a request to the plugin’s server with a token of the host.',
    run: (course, method, path) => send(course, 'host', { method, path }),
  },
  {
    pattern: 'the host sends {word} {path} {json}',
    kind: 'when',
    means: 'The same, with a body.',
    run: (course, method, path, body) => send(course, 'host', { method, path, body: jsonIn(body) }),
  },
  {
    pattern: 'a stranger sends {word} {path}',
    kind: 'when',
    means: 'Sends a request without any token.',
    run: (course, method, path) => send(course, 'stranger', { method, path }),
  },
  {
    pattern: 'a stranger sends {word} {path} {json}',
    kind: 'when',
    means: 'The same, with a body.',
    run: (course, method, path, body) => send(course, 'stranger', { method, path, body: jsonIn(body) }),
  },
  {
    pattern: 'the answer is {int} with {json}',
    kind: 'then',
    means: 'The status, and what the body holds; objects may hold more.',
    run: async (course, status, body) =>
      insist(lacking(answerOf(course), { status: Number(status), body: jsonIn(body) })),
  },
  {
    pattern: 'the host is sent {path} {int} time(s)',
    kind: 'then',
    means: 'So often the plugin asked the host for this path.',
    run: async (course, path, wanted) => {
      const times = partOf(course, 'http').requests(path)
      if (times !== Number(wanted)) fault(`it was sent it ${times} time(s)`)
    },
  },
]
