import type { PluginSpec } from '@tenon/contract'

/** What every new spec starts with, whatever its runtime. */
export type SpecBase = Pick<
  PluginSpec,
  'specVersion' | 'id' | 'publisher' | 'name' | 'version' | 'description' | 'license'
>
