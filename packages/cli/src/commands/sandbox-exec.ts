import type { ErrorCode } from '@tenon/contract'
import { defineCommand } from '../command.ts'
import { sandboxFlags, type SandboxFlags } from './sandbox-flags.ts'

/** The status of a shell's own tools when what they were to run could not be started. */
const NOT_STARTED = 125
const EXITS: Partial<Record<ErrorCode, number>> = Object.fromEntries(
  (['INTERNAL', 'ISOLATION_UNAVAILABLE', 'PERMISSION_DENIED', 'PLUGIN_START_FAILED'] as const).map((code) => [
    code,
    NOT_STARTED,
  ]),
)

export const sandboxExec = defineCommand<SandboxFlags, string[]>({
  brief: 'Run a command inside the profile that a plugin gets, for diagnosis',
  example: 'sandbox exec --grant fs:read:/etc/hosts -- cat /etc/hosts',
  flags: sandboxFlags,
  args: ['command...'],
  exits: EXITS,
  async run(cli, flags, ...words) {
    const { execInSandbox } = await import('../compose/sandbox-exec.ts')
    return execInSandbox(cli, flags, words)
  },
})
