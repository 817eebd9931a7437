import type { Json, SettingDeclaration } from '@tenon/contract'

export type Pair = { key: string; value: string }

/** A setting as a person edits it: as text, as the choices made, or as pairs. */
export type SettingDraft = string | string[] | Pair[]

/** Whether it is edited as text with an entry in each line. */
export const isLines = (declaration: SettingDeclaration): boolean =>
  declaration.type === 'string-list' || (declaration.type === 'path-glob' && declaration.multiple === true)

export function draftOf(declaration: SettingDeclaration, value: Json | undefined): SettingDraft {
  if (declaration.type === 'enum-multipick') return Array.isArray(value) ? value.map(String) : []
  if (declaration.type === 'key-value-list') return Array.isArray(value) ? (value as Pair[]) : []
  if (Array.isArray(value)) return value.map(String).join('\n')
  if (typeof value === 'string') return value
  return value === undefined ? '' : JSON.stringify(value)
}

/** The value that a draft stands for. What is no value of the type is left as it is: the host says what is wrong with it. */
export function valueOf(declaration: SettingDeclaration, draft: SettingDraft): Json {
  if (typeof draft !== 'string') return draft
  if (isLines(declaration)) return draft.split('\n').filter((line) => line !== '')
  if (declaration.type === 'integer') return /^[+-]?\d+$/.test(draft.trim()) ? Number(draft) : draft
  if (declaration.type === 'boolean-flag') return draft === 'true' ? true : draft === 'false' ? false : draft
  return draft
}

export const isSameDraft = (a: SettingDraft, b: SettingDraft): boolean => JSON.stringify(a) === JSON.stringify(b)
