import { defineCommand } from '../command.ts'
import { columns, inline } from '../printer.ts'
import { onHost } from './host-work.ts'
import { locationFlags, type LocationFlags } from './location-flags.ts'

type Permission = { capability: string; reason: string; granted: boolean; perRun: boolean; used?: number }

type Verification = {
  signer?: string
  gates?: { gate: string; checked: number; problems: number }[]
  manifest?: string
  refusals: { code: string; message: string }[]
  waived: { code: string; message: string; override: string; expiresAt: string }[]
}

type View = {
  id: string
  name: string
  version: string
  status: string
  statusReason?: string
  health: string
  level?: string
  verification?: Verification
  permissions: Permission[]
  operations: { name: string; summary: string }[]
}

export const pluginInspect = defineCommand<LocationFlags, [string]>({
  brief: 'Show what a plugin may do, does and did',
  example: 'plugin inspect id-mint',
  flags: locationFlags,
  args: ['id'],
  run: (cli, flags, id) =>
    onHost(cli, flags, async (ask) => {
      const view = (await ask('GET', `/plugins/${encodeURIComponent(id)}`)) as View
      const permissions = view.permissions.map((one) => [one.capability, grantOf(one), useOf(one), one.reason])
      const lines = [
        `${inline(view.name)} ${view.version}: ${view.status}, ${view.health}${view.level === undefined ? '' : `, level ${view.level}`}`,
        ...(view.statusReason ? [`${view.status} because: ${inline(view.statusReason)}`] : []),
        ...verificationLines(view.verification),
        permissions.length === 0 ? 'asks for nothing' : columns(['CAPABILITY', 'GRANT', 'USE', 'REASON'], permissions),
        ...view.operations.map(({ name, summary }) => `${name}: ${inline(summary)}`),
      ]
      return { data: view, text: lines.join('\n') }
    }),
})

function verificationLines(verification: Verification | undefined): string[] {
  if (verification === undefined) return []
  const { signer, manifest, gates = [], refusals, waived } = verification
  const checks = gates.reduce((sum, { checked }) => sum + checked, 0)
  const found = gates.filter(({ problems }) => problems > 0).map(({ gate }) => inline(gate))
  return [
    ...(signer === undefined
      ? []
      : [
          `manifest ${manifest}, signed by ${signer}`,
          `attested: ${checks} checks by ${gates.length} gates, problems in ${found.join(', ') || 'none'}`,
        ]),
    ...refusals.map(({ code, message }) => `would not start: ${code}: ${inline(message)}`),
    ...waived.map(
      ({ code, message, override, expiresAt }) =>
        `overridden until ${expiresAt} by ${override}: ${code}: ${inline(message)}`,
    ),
  ]
}

function grantOf({ granted, perRun }: Permission): string {
  if (perRun) return 'by each run'
  return granted ? 'granted' : 'not granted'
}

function useOf({ used }: Permission): string {
  if (used === undefined) return 'not counted'
  if (used < 2) return used === 0 ? 'never used' : 'used once'
  return `used ${used} times`
}
