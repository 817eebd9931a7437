import { assert, TenonError, type Json } from '@tenon/contract'
import type { Draft } from './change-set.ts'

/** The row that no plugin can name: a key has at least one byte. */
export const VERSION_KEY = ''

/** What was stored before versions were noted is in the first. */
export const FIRST_VERSION = 1

/** The version of the schema in which keys are stored, as it is noted beside them. */
export function versionIn(noted: Json | undefined): number | undefined {
  assert(noted === undefined || typeof noted === 'number', 'a version is a number')
  return noted
}

/** Throws MIGRATION_NEEDED or STORAGE_NEWER, unless keys are stored in this version, or will be when the first one is. */
export async function refuseOtherVersion(draft: Draft, plugin: string, version: number): Promise<void> {
  const stored = versionIn(await draft.get(VERSION_KEY)) ?? FIRST_VERSION
  if (stored === version) return
  const what = `the keys of "${plugin}" are of version ${stored}, and it declares version ${version}`
  const details = { from: stored, to: version }
  if (stored > version)
    throw new TenonError('STORAGE_NEWER', what, {
      hint: 'Install the version of the plugin that stored them, or a later one.',
      details,
    })
  throw new TenonError('MIGRATION_NEEDED', what, { hint: `Run "tenon plugin migrate ${plugin}".`, details })
}
