const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/
const BLOCKED_NAMES = ['localhost', 'host.docker.internal']
const BLOCKED_SUFFIXES = ['.localhost', '.local', '.internal', '.localdomain', '.onion', '.bit']

/**
 * Why a text is no outside host name that a plugin may be allowed, or undefined. Only the name is judged here; the
 * addresses it resolves to are judged when a connection is made.
 */
export function domainFault(text: string): string | undefined {
  const name = text.toLowerCase()
  if (/[\s\p{Cc}]/u.test(text)) return 'holds white space or control characters'
  if (name.length > 253) return 'is longer than 253 characters'
  if (/[:/?#@[\]\\*]/.test(name)) return 'is no bare host name: no scheme, port, path, user, address or wildcard'
  const labels = name.split('.')
  const last = labels.at(-1) ?? ''
  if (/^[0-9]+$/.test(last) || last.startsWith('0x')) return 'is an address, not a name'
  if (BLOCKED_NAMES.includes(name) || BLOCKED_SUFFIXES.some((suffix) => name.endsWith(suffix))) return 'is blocked'
  if (labels.length < 2) return 'has a single label'
  return labels.every((label) => LABEL.test(label)) ? undefined : 'is malformed'
}
