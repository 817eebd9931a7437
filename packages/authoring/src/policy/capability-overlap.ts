import { decide, type Capability } from '@tenon/contract'

/** A capability that two patterns both mean, if there is one: either of them, or what their wildcards meet in. */
export function capabilityOverlap(one: Capability, other: Capability): Capability | undefined {
  const candidates = [one, other, ...meetingOf(one, other)]
  return candidates.find((concrete) => decide([one], [other], concrete).allowed)
}

/** Paths need none: of two trees one lies in the other, or they have nothing in common. */
function meetingOf({ action, target }: Capability, other: Capability): Capability[] {
  const separator = /^(net|event):/.test(action) ? '.' : '/'
  if (target === undefined || other.target === undefined || action !== other.action) return []
  const isHost = action === 'net:connect'
  const partsOf = (text: string): string[] => (isHost ? nameOf(text) : text).split(separator)
  const met = meetingParts(partsOf(target), partsOf(other.target))
  if (met === undefined) return []
  return [{ action, target: met.join(separator) + (isHost ? target.slice(nameOf(target).length) : '') }]
}

/** A host's name, without its port and in small letters, for hosts are no other in large ones. */
const nameOf = (host: string): string => host.replace(/:.*$/, '').toLowerCase()

/** Parts that both patterns cover. Each pair of places is looked at once: wildcards would make it take for ever. */
function meetingParts(one: readonly string[], other: readonly string[]): string[] | undefined {
  const known = new Map<string, string[] | undefined>()
  const meetAt = (at: number, otherAt: number): string[] | undefined => {
    const place = `${at} ${otherAt}`
    if (!known.has(place)) known.set(place, search(at, otherAt))
    return known.get(place)
  }
  const search = (at: number, otherAt: number): string[] | undefined => {
    const [part, otherPart] = [one[at], other[otherAt]]
    if (part === undefined || otherPart === undefined) return part === otherPart ? [] : undefined
    const common = commonPart(part, otherPart)
    if (common === undefined) return undefined
    const rest =
      meetAt(at + 1, otherAt + 1) ??
      (part === '**' ? meetAt(at, otherAt + 1) : undefined) ??
      (otherPart === '**' ? meetAt(at + 1, otherAt) : undefined)
    return rest === undefined ? undefined : [common, ...rest]
  }
  return meetAt(0, 0)
}

function commonPart(part: string, other: string): string | undefined {
  const isOpen = (text: string): boolean => text === '*' || text === '**'
  if (isOpen(part)) return isOpen(other) ? '*' : other
  return isOpen(other) || part === other ? part : undefined
}
