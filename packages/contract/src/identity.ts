import { TenonError } from './errors.ts'

/** The form of a plugin id and of a publisher in Tenon's own specs. */
export const ID_PATTERN = '^[a-z][a-z0-9]*(-[a-z0-9]+)*$'
export const ID_LENGTH_MAX = 64
/** What a dialect may bring: kept as given. */
export const FOREIGN_ID_PATTERN = '^[a-z0-9_-]{1,128}$'
export const OPERATION_PATTERN = '^[a-z][a-z0-9_]{0,40}$'
/** `<plugin>/<service>`. */
export const SERVICE_PATTERN = '^[a-z0-9_-]{1,128}/[a-z][a-z0-9_]{0,40}$'
export const EVENT_TYPE_PATTERN = '^[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*$'
/** A path inside a plugin's folder or a repository: relative, forward slashes, no dot parts. */
export const INNER_PATH_PATTERN = '^(?!\\.{1,2}(/|$))[^/\\\\\\0]+(/(?!\\.{1,2}(/|$))[^/\\\\\\0]+)*$'
export const ULID_PATTERN = '^[0-7][0-9A-HJKMNP-TV-Z]{25}$'

const id = new RegExp(ID_PATTERN)
const foreignId = new RegExp(FOREIGN_ID_PATTERN)
const ulid = new RegExp(ULID_PATTERN)

export const isPluginId = (text: string): boolean => text.length <= ID_LENGTH_MAX && id.test(text)
export const isForeignId = (text: string): boolean => foreignId.test(text)
export const isUlid = (text: string): boolean => ulid.test(text)

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** The milliseconds since the epoch at which a ULID was made. */
export const ulidTime = (text: string): number =>
  [...text.slice(0, 10)].reduce((time, digit) => time * 32 + CROCKFORD.indexOf(digit), 0)

/** The form in which a registry holds ids equal: `-` and `_` are one. */
export const foldedId = (text: string): string => text.replaceAll('_', '-')

export type PluginReference = { id: string; publisher?: string; range?: string }

/** Reads `id`, `publisher/id`, `id@range` or `publisher/id@range` as a person writes it. */
export function parseReference(text: string): PluginReference {
  const at = text.indexOf('@')
  const name = at < 0 ? text : text.slice(0, at)
  const range = at < 0 ? undefined : text.slice(at + 1)
  const slash = name.indexOf('/')
  const pluginId = slash < 0 ? name : name.slice(slash + 1)
  const publisher = slash < 0 ? undefined : name.slice(0, slash)
  if (!isForeignId(pluginId) || (publisher !== undefined && !isPluginId(publisher)) || range === '')
    throw new TenonError('REFERENCE_INVALID', `"${text}" is no plugin reference`, {
      hint: 'Write id, publisher/id, or either followed by @range.',
    })
  return { id: pluginId, ...(publisher === undefined ? {} : { publisher }), ...(range === undefined ? {} : { range }) }
}
