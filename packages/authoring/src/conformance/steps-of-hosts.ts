import { canonicalJson } from '@tenon/contract'
import { shown } from '@tenon/contract/schema'
import { lacking, unlike } from './json-match.ts'
import type { Published } from './scene.ts'
import { insist } from './steps-of-calls.ts'
import { fault, jsonIn, partOf, textIn, type Course, type Step } from './step.ts'

const publishedOf = (course: Course, type: string): Published[] =>
  partOf(course, 'host')
    .published()
    .filter((event) => event.type === type)

/** What the host around a plugin is like, and what the plugin did with it. */
export const STEPS_OF_HOSTS: readonly Step[] = [
  {
    pattern: 'setting {text} is {json}',
    kind: 'given',
    means: 'Sets it, as an administrator would.',
    run: (course, name, value) => partOf(course, 'set')(textIn(name), jsonIn(value)),
  },
  {
    pattern: 'the plugin is denied {capability}',
    kind: 'given',
    means: 'Takes the grant away: at first everything is granted that the spec asks for.',
    run: async (course, capability) => partOf(course, 'host').deny(capability),
  },
  {
    pattern: 'the plugin is granted {capability}',
    kind: 'given',
    means: 'Grants it, again or besides.',
    run: async (course, capability) => partOf(course, 'host').grant(capability),
  },
  {
    pattern: '{text} is stored as {json}',
    kind: 'given',
    means: 'Puts a value under a key of the plugin’s storage.',
    run: (course, key, value) => partOf(course, 'host').store(textIn(key), jsonIn(value)),
  },
  {
    pattern: 'the plugin {text} answers {text} with {json}',
    kind: 'given',
    means: 'Another plugin is there, whose operation answers this whatever it is asked.',
    run: (course, plugin, operation, answer) =>
      partOf(course, 'host').neighbour(textIn(plugin), textIn(operation), jsonIn(answer)),
  },
  {
    pattern: '{text} was stored',
    kind: 'then',
    means: 'Something is stored under the key.',
    run: async (course, key) => {
      if ((await partOf(course, 'host').stored(textIn(key))) === undefined) fault('nothing is stored there')
    },
  },
  {
    pattern: '{text} was stored as {json}',
    kind: 'then',
    means: 'Exactly this is stored under the key.',
    run: async (course, key, wanted) =>
      insist(unlike(await partOf(course, 'host').stored(textIn(key)), jsonIn(wanted))),
  },
  {
    pattern: '{text} was not stored',
    kind: 'then',
    means: 'Nothing is stored under the key.',
    run: async (course, key) => {
      const value = await partOf(course, 'host').stored(textIn(key))
      if (value !== undefined) fault(`it holds ${shown(value)}`)
    },
  },
  {
    pattern: 'the event {text} was published',
    kind: 'then',
    means: 'The plugin published such an event.',
    run: async (course, type) => {
      if (publishedOf(course, textIn(type)).length === 0) fault(whatWasPublished(course))
    },
  },
  {
    pattern: 'the event {text} was published with {json}',
    kind: 'then',
    means: 'The plugin published such an event, whose payload holds this.',
    run: async (course, type, wanted) => {
      const found = publishedOf(course, textIn(type))
      if (!found.some(({ payload }) => lacking(payload, jsonIn(wanted)) === undefined)) fault(whatWasPublished(course))
    },
  },
  {
    pattern: 'no event was published',
    kind: 'then',
    means: 'The plugin published nothing.',
    run: async (course) => {
      if (partOf(course, 'host').published().length > 0) fault(whatWasPublished(course))
    },
  },
  {
    pattern: 'the operation {text} of {text} was called {int} time(s)',
    kind: 'then',
    means: 'So often the plugin called another one.',
    run: async (course, operation, plugin, wanted) => {
      const times = partOf(course, 'host').callsOf(textIn(plugin), textIn(operation))
      if (times !== Number(wanted)) fault(`it was called ${times} time(s)`)
    },
  },
]

function whatWasPublished(course: Course): string {
  const all = partOf(course, 'host').published()
  return all.length === 0
    ? 'nothing was published'
    : `published was ${all.map(({ type, payload }) => `${type} ${canonicalJson(payload)}`).join(', ')}`
}
