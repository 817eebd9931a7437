import { PluginError } from './plugin.ts'

/** What is there under a name, never what every object inherits. */
export const own = <T>(named: { [name: string]: T }, name: string): T | undefined =>
  Object.hasOwn(named, name) ? named[name] : undefined

/** What a test does not give is refused, as a host refuses what nobody granted. */
export function denied(what: string): never {
  throw new PluginError('PERMISSION_DENIED', `${what} is not allowed in this test`, {
    hint: 'Give it in the second argument of testPlugin.',
  })
}

/** What whatever a plugin threw has to say. */
export const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown))
