import type { Action, Extractor, Formatter, Hook, Provider, Rule, RuleContext } from './extension.ts'
import type {
  ActionRunner,
  Answer,
  Emission,
  ExtractorRunner,
  FormatterRunner,
  HookRunner,
  ProviderRunner,
  RuleFindings,
  RuleRunner,
  Runners,
  WalkRunner,
} from './runners.ts'
import type { PluginStore } from './store-facade.ts'

/** An extension cut in two: what it declares, as JSON, whose it says that it is, and how its code is called. */
export type Described = { manifest: unknown; owner?: unknown; dependsOn?: unknown; runner: Partial<Runners> }

/** Takes a module's default export for an extension whose code runs in this process, with the store of its plugin. */
export function inProcess(instance: unknown, store?: PluginStore): Described {
  const { pluginId: owner, ...declared } = Object(instance) as Record<string, unknown>
  // Methods are no JSON, so they fall away.
  const { dependsOn, ...manifest } = JSON.parse(JSON.stringify(declared)) as Record<string, unknown>
  // The closed manifest of a rule has no place for it.
  const isApart = manifest['kind'] === 'rule' || dependsOn === undefined
  return {
    manifest: isApart ? manifest : { ...manifest, dependsOn },
    ...(isApart && dependsOn !== undefined ? { dependsOn } : {}),
    ...(owner === undefined ? {} : { owner }),
    runner: {
      // The kernel calls only the runner of the kind that the manifest was found valid for.
      ...(has(instance, 'classify') ? { provider: providerRunner(instance as Provider) } : {}),
      ...(has(instance, 'walk') ? { walk: walkRunner(instance as Walking) } : {}),
      ...(has(instance, 'extract') ? { extractor: extractorRunner(instance as Extractor, store) } : {}),
      ...(has(instance, 'evaluate') ? { rule: ruleRunner(instance as Rule) } : {}),
      ...(has(instance, 'invoke') ? { action: actionRunner(instance as Action) } : {}),
      ...(has(instance, 'format') ? { formatter: formatterRunner(instance as Formatter) } : {}),
      ...(has(instance, 'on') ? { hook: hookRunner(instance as Hook) } : {}),
    },
  }
}

const has = (instance: unknown, method: string): boolean =>
  typeof (Object(instance) as Record<string, unknown>)[method] === 'function'

const providerRunner =
  (provider: Provider): ProviderRunner =>
  (files) =>
    each(files, ({ path, frontmatter }) => provider.classify(path, frontmatter) ?? null)

type Walking = Provider & Required<Pick<Provider, 'walk'>>

/** How much of a walk is handed over at once. */
const PART_FILES = 128
const PART_CHARS = 1_048_576

const walkRunner = (provider: Walking): WalkRunner =>
  async function* ({ root, kept }) {
    const known = new Set(['', '.', ...kept])
    const ignoreFilter = { ignores: (path: string) => !known.has(path.replace(/\/$/, '')) }
    let part: string[] = []
    let chars = 0
    for await (const record of provider.walk([root], { ignoreFilter })) {
      const text = jsonText(record)
      part.push(text)
      chars += text.length
      if (part.length < PART_FILES && chars < PART_CHARS) continue
      yield JSON.parse(`[${part.join()}]`)
      part = []
      chars = 0
    }
    yield JSON.parse(`[${part.join()}]`)
  }

/** What is no JSON is nothing, and costs no other record. */
function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'null'
  } catch {
    return 'null'
  }
}

const extractorRunner =
  (extractor: Extractor, store: PluginStore | undefined): ExtractorRunner =>
  (nodes, settings) =>
    each(nodes, async (input) => {
      const emissions: Emission[] = []
      await extractor.extract({
        ...input,
        settings,
        ...(store === undefined ? {} : { store }),
        emitLink: (link) => void emissions.push({ link }),
        enrichNode: (enrichment) => void emissions.push({ enrichment }),
        emitContribution: (id, payload) => void emissions.push({ contribution: { id, payload } }),
      })
      return emissions
    })

const ruleRunner =
  (rule: Rule): RuleRunner =>
  (graph, settings) =>
    answerOf(async () => {
      const contributions: RuleFindings['contributions'] = []
      const emitContribution = (nodePath: string, id: string, payload: object): void =>
        void contributions.push({ nodePath, id, payload })
      const context = { settings, emitContribution }
      // A part of a graph may be made only when a rule looks at it.
      Object.defineProperties(context, Object.getOwnPropertyDescriptors(graph))
      return { issues: await rule.evaluate(context as RuleContext), contributions }
    })

const actionRunner =
  (action: Action): ActionRunner =>
  ({ input, at, ...context }, settings) =>
    answerOf(() => action.invoke(input, { ...context, settings, now: () => new Date(at) }))

const formatterRunner =
  (formatter: Formatter): FormatterRunner =>
  (graph, settings) =>
    answerOf(() => formatter.format({ ...graph, settings }))

const hookRunner =
  (hook: Hook): HookRunner =>
  (told, settings) =>
    answerOf(async () => {
      await hook.on({ ...told, settings })
      return null
    })

/** One call after the other: an extension need not be able to run twice at once. */
async function each<I, T>(inputs: readonly I[], call: (input: I) => T | Promise<T>): Promise<Answer<T>[]> {
  const answers: Answer<T>[] = []
  for (const input of inputs) answers.push(await answerOf(() => call(input)))
  return answers
}

/** The boundary to foreign code: what it throws becomes an answer, what it gives is copied as JSON. */
async function answerOf<T>(call: () => T | Promise<T>): Promise<Answer<T>> {
  try {
    const value = await call()
    return { value: JSON.parse(JSON.stringify(value)) as T }
  } catch (thrown) {
    return { failure: messageOf(thrown) }
  }
}

export const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown))
