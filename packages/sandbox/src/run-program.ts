import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Standard output of a program of the host that is trusted and quick, run with an empty environment. */
export async function outputOf(program: string, argv: readonly string[]): Promise<string> {
  const { stdout } = await run(program, argv, { env: { LC_ALL: 'C' }, timeout: 20_000, maxBuffer: 16 * 1_048_576 })
  return stdout
}
