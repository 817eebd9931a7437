import type { GherkinDocument, Location, Pickle, PickleStepArgument } from '@cucumber/messages'
import type { PluginFile } from '@tenon/bundle'
import { assert, messageOf, type Problem } from '@tenon/contract'
import { textOf, type PluginFolder } from '../folder/plugin-folder.ts'

export type FeatureStep = { text: string; line: number; argument: PickleStepArgument | undefined }

/** One thing to be shown: a scenario, or one row of its examples, with the steps of its backgrounds before its own. */
export type Scenario = { file: string; line: number; name: string; tags: string[]; steps: FeatureStep[] }

const FEATURES = /^conformance\/behavior\/(?:.+\/)?[^/]+\.feature$/

/** The scenarios of all features of a plugin, in the order of the files, and what cannot be read. */
export async function readFeatures(folder: PluginFolder): Promise<{ scenarios: Scenario[]; problems: Problem[] }> {
  const read = await Promise.all(folder.files.filter(({ path }) => FEATURES.test(path)).map(readFeature))
  return { scenarios: read.flatMap((one) => one.scenarios), problems: read.flatMap((one) => one.problems) }
}

async function readFeature(source: PluginFile): Promise<{ scenarios: Scenario[]; problems: Problem[] }> {
  const { path: file } = source
  // Its tables of seventy languages take longer to load than most commands.
  const { AstBuilder, compile, GherkinClassicTokenMatcher, Parser } = await import('@cucumber/gherkin')
  let count = 0
  const newId = (): string => String((count += 1))
  try {
    const document = new Parser(new AstBuilder(newId), new GherkinClassicTokenMatcher()).parse(textOf(source))
    const places = stepsIn(document)
    const scenarios = compile(document, file, newId).map((pickle) => scenarioOf(file, pickle, places))
    return { scenarios, problems: scenarios.length === 0 ? [emptyFeature(file)] : [] }
  } catch (thrown) {
    return { scenarios: [], problems: faultsIn(thrown).map((fault) => unreadable(file, fault)) }
  }
}

const scenarioOf = (file: string, pickle: Pickle, places: Places): Scenario => ({
  file,
  line: lineOf(pickle.location),
  name: pickle.name,
  tags: pickle.tags.map(({ name }) => name),
  steps: pickle.steps.map(({ text, argument, astNodeIds }) => ({
    text,
    argument,
    line: lineOf(places.get(astNodeIds[0])),
  })),
})

/** Where every step stands, by its id. */
type Places = ReadonlyMap<string | undefined, Location>

function stepsIn({ feature }: GherkinDocument): Places {
  const places = new Map<string, Location>()
  const children = (feature?.children ?? []).flatMap((child) => [child, ...(child.rule?.children ?? [])])
  for (const { background, scenario } of children)
    for (const { id, location } of [...(background?.steps ?? []), ...(scenario?.steps ?? [])]) places.set(id, location)
  return places
}

function lineOf(place: Location | undefined, of = 'what is read'): number {
  assert(place !== undefined, `Gherkin says where it stands: ${of}`)
  return place.line
}

type Fault = { message: string; line: number }

/** The parser tells of several faults at once; it begins each with its place, which is told apart here. */
function faultsIn(thrown: unknown): Fault[] {
  const { errors } = Object(thrown) as { errors?: unknown[] }
  if (Array.isArray(errors)) return errors.flatMap(faultsIn)
  const { location } = Object(thrown) as { location?: Location }
  const message = messageOf(thrown)
  return [{ message: message.replace(/^\(\d+:\d+\): /, ''), line: lineOf(location, message) }]
}

const unreadable = (file: string, { message, line }: Fault): Problem => ({
  ...{ pointer: '', file, line, code: 'BEHAVIOR_UNREADABLE', message },
  hint: 'It is no Gherkin: https://cucumber.io/docs/gherkin/reference.',
})

const emptyFeature = (file: string): Problem => ({
  ...{ pointer: '', file, line: 1, code: 'BEHAVIOR_EMPTY', message: 'holds no scenario' },
  hint: 'Write one, or remove the file.',
})
