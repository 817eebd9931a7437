import { settingVariable } from '@tenon/contract'
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import type { IconName } from './icon.tsx'
import { Pill } from './pill.tsx'
import { SettingInput, type SettingInputProps } from './setting-input.tsx'
import type { Setting, SettingSource } from './settings.ts'

type SettingFieldProps = Omit<SettingInputProps, 'disabled'> & {
  plugin: string
  id: string
  /** The one that is looked at; that of the host without one. */
  environment: string | undefined
  onTakeBack: () => void
}

/** One setting: its value to be changed, where that comes from, and what it is without. */
export function SettingField({ plugin, id, environment, onTakeBack, ...input }: SettingFieldProps): ReactNode {
  const { declaration, source } = input.setting
  const isOwn = source === 'environment' || (source === 'stored' && environment === undefined)
  return (
    <li className="setting" data-setting={id}>
      <SettingInput {...input} disabled={source === 'variable'} />
      <div className="setting-facts">
        <Pill tone="quiet" icon={ICONS[source]}>
          {sourceText(source, environment)}
        </Pill>
        <code>{id}</code>
        <DefaultOf declaration={declaration} />
        {isOwn && (
          <Button variant="default" size="compact-xs" aria-label={`Take ${id} back`} onClick={onTakeBack}>
            Take back
          </Button>
        )}
        {source === 'variable' && (
          <p>
            The environment variable <code>{variablesOf(plugin, id, input.setting)}</code> of this host says so. Nothing
            that is set here changes it.
          </p>
        )}
        {source === 'environment' && environment === undefined && (
          <p>The environment of this host has a value of its own. What is set here holds everywhere else.</p>
        )}
      </div>
    </li>
  )
}

const ICONS: Record<SettingSource, IconName> = {
  variable: 'closed',
  environment: 'check',
  stored: 'check',
  default: 'dash',
  unset: 'dash',
}

function sourceText(source: SettingSource, environment: string | undefined): string {
  if (source === 'environment')
    return environment === undefined ? "set in this host's environment" : `set in ${environment}`
  return { variable: 'environment variable', stored: 'set everywhere', default: 'default', unset: 'not set' }[source]
}

function variablesOf(plugin: string, id: string, { declaration }: Setting): string {
  const own = declaration.type === 'secret' && declaration.envVar !== undefined ? [declaration.envVar] : []
  return [...own, settingVariable(plugin, id)].join(' or ')
}

function DefaultOf({ declaration }: Pick<Setting, 'declaration'>): ReactNode {
  if (!('default' in declaration) || declaration.default === undefined) return null
  return (
    <span>
      Default: <code>{JSON.stringify(declaration.default)}</code>
    </span>
  )
}
