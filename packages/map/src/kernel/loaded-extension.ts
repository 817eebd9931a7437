import type { Json } from '@tenon/contract'
import type { Validator } from '@tenon/contract/schema'
import type { Dependence } from './dependence.ts'
import type { MapPlugin } from './extension.ts'
import type {
  ActionManifest,
  ExtractorManifest,
  FormatterManifest,
  HookManifest,
  Manifest,
  ProviderManifest,
  RuleManifest,
} from './manifest-schema.ts'
import type {
  ActionRunner,
  ExtractorRunner,
  FormatterRunner,
  HookRunner,
  ProviderRunner,
  RuleRunner,
  WalkRunner,
} from './runners.ts'

type Loaded<M extends Manifest, R> = {
  kind: M['kind']
  plugin: MapPlugin
  /** `<plugin>/<extension>`, unique within a kind. */
  key: string
  manifest: M
  run: R
}

export type LoadedProvider = Loaded<ProviderManifest, ProviderRunner> & {
  /** Where it finds and reads its files itself. */
  walk?: WalkRunner
}
export type LoadedExtractor = Loaded<ExtractorManifest, ExtractorRunner>
export type LoadedRule = Loaded<RuleManifest, RuleRunner> & {
  /** What its findings depend on, where it says so. */
  dependsOn?: Dependence
}
export type LoadedAction = Loaded<ActionManifest, ActionRunner> & {
  /** What its reports are held to. */
  reports?: Validator<Json>
}
export type LoadedFormatter = Loaded<FormatterManifest, FormatterRunner>
export type LoadedHook = Loaded<HookManifest, HookRunner>
export type LoadedExtension =
  | LoadedProvider
  | LoadedExtractor
  | LoadedRule
  | LoadedAction
  | LoadedFormatter
  | LoadedHook

/** Why a plugin takes no part in a scan; `status` is a word of skill-map's load status. */
export type LoadFault = { pluginId: string; status: 'invalid-manifest' | 'load-error'; reason: string }
