import ipaddr from 'ipaddr.js'

/** The host that answers the virtual machines of a cloud at a public address: as inward as the link-local ones. */
const INWARD = ['168.63.129.16']

/**
 * Why an address may not be connected to, or undefined when it is a public unicast address. Everything that is not known
 * to be public is refused: loopback, private, link-local, shared, multicast, reserved, and every form that embeds one of
 * these (v4-mapped, NAT64, 6to4, Teredo).
 */
export function guardAddress(address: string): string | undefined {
  if (!ipaddr.isValid(address)) return 'not an address'
  const parsed = ipaddr.process(address)
  const range = parsed.range()
  if (range !== 'unicast') return `a ${range} address`
  if (INWARD.includes(parsed.toString())) return 'an address inside a cloud'
  const assigned = !(parsed instanceof ipaddr.IPv6) || ((parsed.parts[0] ?? 0) & 0xe000) === 0x2000
  return assigned ? undefined : 'an unassigned address'
}
