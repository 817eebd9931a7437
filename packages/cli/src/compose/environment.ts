import { isPluginId, TenonError, type World } from '@tenon/contract'

/** The named environment in which a host runs, by flag or TENON_ENVIRONMENT; undefined when there is none. */
export function environmentOf({ env }: World, flags: { environment?: string } = {}): string | undefined {
  const name = flags.environment ?? env['TENON_ENVIRONMENT']
  if (name === undefined || isPluginId(name)) return name
  throw new TenonError('USAGE', `"${name}" is no name of an environment`, {
    hint: 'Use lower-case words joined by hyphens, such as staging.',
  })
}
