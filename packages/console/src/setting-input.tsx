import type { SettingDeclaration } from '@tenon/contract'
import { NativeSelect, PasswordInput, Textarea, TextInput } from '@mantine/core'
import type { ReactNode } from 'react'
import { ChoicesInput } from './choices-input.tsx'
import { PairsInput } from './pairs-input.tsx'
import { isLines, type Pair, type SettingDraft } from './setting-draft.ts'
import type { Setting } from './settings.ts'

export type SettingInputProps = {
  setting: Setting
  draft: SettingDraft
  disabled: boolean
  error: string | undefined
  onDraft: (draft: SettingDraft) => void
}

/** The field that the declaration of a setting calls for. */
export function SettingInput({ setting, draft, onDraft, ...state }: SettingInputProps): ReactNode {
  const { declaration } = setting
  const { label, description } = declaration
  const shared = { label, description, ...state }
  if (declaration.type === 'enum-multipick')
    return <ChoicesInput {...shared} options={declaration.options} chosen={draft as string[]} onChosen={onDraft} />
  if (declaration.type === 'key-value-list')
    return <PairsInput {...shared} names={namesOf(declaration)} pairs={draft as Pair[]} onPairs={onDraft} />
  const text = draft as string
  const field = {
    ...shared,
    value: text,
    spellCheck: false,
    onChange: (event: { currentTarget: { value: string } }) => onDraft(event.currentTarget.value),
  }
  if (isLines(declaration))
    return (
      <Textarea {...field} description={`${description ?? ''} One in each line.`.trim()} autosize={false} rows={4} />
    )
  if (declaration.type === 'secret')
    return (
      <PasswordInput
        {...field}
        autoComplete="new-password"
        placeholder={isSet(setting) ? 'Set, and shown to nobody' : 'Not set'}
      />
    )
  const options = optionsOf(declaration)
  if (options !== undefined) return <NativeSelect {...field} data={withShown(options, text)} />
  return <TextInput {...field} {...(isCode(declaration) ? { classNames: { input: 'mono' } } : {})} />
}

const isSet = ({ source }: Setting): boolean => source !== 'unset'
const isCode = ({ type }: SettingDeclaration): boolean => type === 'regex' || type === 'path-glob'

const namesOf = ({ keyLabel = 'Key', valueLabel = 'Value' }: { keyLabel?: string; valueLabel?: string }) =>
  [keyLabel, valueLabel] as const

type Option = { value: string; label: string }

/** What is set now may be none of the choices. */
const withShown = (options: Option[], value: string): Option[] =>
  options.some((option) => option.value === value) ? options : [{ value, label: value || 'Not set' }, ...options]

function optionsOf(declaration: SettingDeclaration): Option[] | undefined {
  if (declaration.type === 'enum-pick') return declaration.options
  if (declaration.type !== 'boolean-flag') return undefined
  return [
    { value: 'true', label: 'Yes' },
    { value: 'false', label: 'No' },
  ]
}
