import type { RunSm } from '@tenon/map'
import { tenonIn } from './in-process.ts'

/** `sm` in this process, for a suite. */
export const smInProcess: RunSm = async ({ argv, cwd, env, signal }) => {
  const { code, stdout, stderr } = await tenonIn(env['HOME'] ?? '')(argv, { cwd, env, signal, binary: 'sm' })
  return { exit: code, stdout, stderr }
}
