import { assert, type PluginSpec } from '@tenon/contract'
import type { TextFile } from '../folder/text-file.ts'
import { skeletons as tenon1 } from './tenon-1/skeletons.ts'
import { skeletons as tenon2 } from './tenon-2/skeletons.ts'

/** The template by which files are written today, named in the manifest. */
export const TEMPLATE = 'tenon@2'

const TEMPLATES = new Map([
  ['tenon@1', tenon1],
  [TEMPLATE, tenon2],
])

/** What a template writes once for a spec, and is its author's from then on. */
export function skeletonsOf(template: string, spec: PluginSpec): TextFile[] {
  const skeletons = TEMPLATES.get(template)
  assert(skeletons !== undefined, `${template} is a template of this version`)
  return skeletons(spec)
}

export const isTemplate = (name: string): boolean => TEMPLATES.has(name)
