import type { Description } from '@tenon/contract'
import type { Configuration, Storage } from '@tenon/storage'

/** What plugins of other kinds than node keep, no code of theirs brings to another version here. */
export const versionOf = ({ runtime }: Description, declared = 1): number => (runtime.kind === 'node' ? declared : 1)

/** The settings of a plugin under its present declaration. */
export const openConfiguration = (
  storage: Storage,
  { settings = {}, ...description }: Description,
  environment?: string,
): Configuration =>
  storage.config(description.id, settings, {
    environment,
    shape: versionOf(description, description.settingsVersion),
  })
