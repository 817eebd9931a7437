import { TenonError, type JsonObject, type World } from '@tenon/contract'
import { deepFrozen } from './kernel/deep-frozen.ts'
import type { Tell } from './kernel/events.ts'
import type { ExtensionSource } from './kernel/extension.ts'
import { messageOf } from './kernel/in-process.ts'
import type { FormatterInput } from './kernel/inputs.ts'
import type { LoadedFormatter } from './kernel/loaded-extension.ts'
import { openRegistry, type Disabled } from './kernel/registry.ts'
import { settingsByPlugin, type ConfiguredSettings, type OpenedSecrets } from './kernel/settings.ts'

export type FormatRequest = {
  /** A formatter's `formatId`, or its qualified id. */
  format: string
  /** It is frozen. */
  graph: FormatterInput
  /** Whether the graph is a part of a map, that somebody asked for. */
  isFiltered?: boolean
  extensions: readonly ExtensionSource[]
  world: World
  options?: { disabled?: Partial<Disabled>; settings?: ConfiguredSettings; secrets?: OpenedSecrets }
}

export type FormattedGraph = { text: string; contentType: string }

/**
 * Writes a graph down in a format. Throws FORMAT_UNKNOWN with the formats that there are, FORMAT_AMBIGUOUS where two
 * enabled formatters have the same `formatId`, FORMAT_UNFILTERED for a part of a map where the formatter supports no
 * filter, and FORMAT_FAILED when the formatter does not come to a text.
 */
export async function formatGraph(request: FormatRequest): Promise<FormattedGraph> {
  const { format, extensions, options = {} } = request
  const { keys = [], kinds = [] } = options.disabled ?? {}
  const formatter = formatterOf(openRegistry(extensions, { keys, kinds }).formatters, format)
  if (request.isFiltered && formatter.manifest.supportsFilter === false) throw unfiltered(formatter)
  const { nodes, links, issues } = request.graph
  const graph = deepFrozen({ nodes, links, issues })
  const answer: unknown = await formatter
    .run(graph, settingsOf(formatter, request))
    .catch((thrown: unknown) => ({ failure: messageOf(thrown) }))
  return { text: textOf(formatter, answer), contentType: formatter.manifest.contentType ?? 'text/plain' }
}

function formatterOf(formatters: readonly LoadedFormatter[], format: string): LoadedFormatter {
  const matching = formatters.filter(({ key, manifest }) => manifest.formatId === format || key === format)
  const [formatter] = matching
  if (formatter === undefined)
    throw new TenonError('FORMAT_UNKNOWN', `there is no format "${format}"`, {
      hint: `There are: ${formatters.map(({ manifest }) => manifest.formatId).join(', ') || 'none'}.`,
    })
  if (matching.length === 1) return formatter
  const keys = matching.map(({ key }) => key)
  throw new TenonError('FORMAT_AMBIGUOUS', `${keys.join(' and ')} each write the format "${format}"`, {
    hint: 'Name one of them in full, or disable the others.',
    details: { format, formatters: keys },
  })
}

const unfiltered = ({ key, manifest }: LoadedFormatter): TenonError =>
  new TenonError('FORMAT_UNFILTERED', `the formatter ${key} writes whole maps only`, {
    hint: `"sm graph --format ${manifest.formatId}" writes the whole map; "sm export" takes another --format.`,
    details: { formatter: key },
  })

function settingsOf({ key, plugin }: LoadedFormatter, { extensions, world, options = {} }: FormatRequest): JsonObject {
  const faults: string[] = []
  const tell: Tell = (_, data) => void ('extensionId' in data && 'message' in data && faults.push(data.message))
  const { settings = {}, secrets = {} } = options
  const own = extensions.filter((extension) => extension.plugin.id === plugin.id)
  const values = settingsByPlugin(own, { configured: settings, secrets, env: world.env }, tell).get(plugin.id)
  if (values !== undefined) return values
  throw new TenonError('FORMAT_FAILED', `the settings of ${plugin.id} are invalid: ${faults.join('; ')}`, {
    details: { formatter: key },
  })
}

function textOf(formatter: LoadedFormatter, answer: unknown): string {
  const { value, failure } = Object(answer) as Record<string, unknown>
  if (typeof failure === 'string') throw failed(formatter, failure)
  if (typeof value !== 'string') throw failed(formatter, 'it gave no text')
  return value
}

const failed = ({ key }: LoadedFormatter, reason: string): TenonError =>
  new TenonError('FORMAT_FAILED', `the formatter ${key} failed: ${reason}`, { details: { formatter: key } })
