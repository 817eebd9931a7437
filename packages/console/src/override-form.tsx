import { FINDINGS, isFinding } from '@tenon/contract'
import { Button, NativeSelect, TextInput } from '@mantine/core'
import { skipToken, useQuery } from '@tanstack/react-query'
import { type FormEvent, type ReactNode, useState } from 'react'
import { refusedFields } from './field-problems.ts'
import { LIFETIME_MS, LifetimeInput } from './lifetime-input.tsx'
import { type Override, useAskForOverride } from './overrides.ts'
import { pluginQuery, pluginsQuery, type Verification } from './plugins.ts'
import { RefusalNotice } from './refusal-notice.tsx'

const FIELDS = ['plugin', 'digest', 'finding', 'why', 'lifetimeMs']

/** Asks that a finding does not count for the bundle of a plugin that is installed now. */
export function OverrideForm({ plugin: first = '', finding: meant }: { plugin?: string; finding?: string }): ReactNode {
  const [plugin, setPlugin] = useState(first)
  const [finding, setFinding] = useState<string | undefined>(meant)
  const [why, setWhy] = useState('')
  const [lifetimeMs, setLifetimeMs] = useState(LIFETIME_MS)
  const plugins = useQuery(pluginsQuery)
  const detail = useQuery({ ...pluginQuery(plugin), ...(plugin === '' ? { queryFn: skipToken } : {}) })
  const verification = plugin === '' ? undefined : detail.data?.verification
  const asking = useAskForOverride()
  const at = refusedFields(asking.error)
  const chosen = finding ?? verification?.refusals.find(({ code }) => isFinding(code))?.code ?? FINDINGS[0]
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (asking.isPending) return
    const wish = { plugin, digest: verification?.manifest ?? '', finding: chosen, why: why.trim(), lifetimeMs }
    asking.mutate(wish, { onSuccess: () => setWhy('') })
  }
  return (
    <form className="panel fields" noValidate onSubmit={submit} aria-label="Ask for an override">
      <RefusalNotice problem={asking.error} fields={FIELDS} />
      <NativeSelect
        label="Plugin"
        description={bundleText(verification)}
        value={plugin}
        error={joined(at['plugin'], at['digest'])}
        data={[
          { value: '', label: 'Choose one' },
          ...(plugins.data?.plugins ?? []).map(({ id }) => ({ value: id, label: id })),
        ]}
        onChange={(event) => setPlugin(event.currentTarget.value)}
      />
      <NativeSelect
        label="Finding that is not to count"
        description={againstText(verification)}
        value={chosen}
        error={at['finding']}
        data={[...FINDINGS]}
        onChange={(event) => setFinding(event.currentTarget.value)}
      />
      <LifetimeInput error={at['lifetimeMs']} onMs={setLifetimeMs} />
      <TextInput
        label="Reason"
        description="For who approves it, and for the audit ledger."
        value={why}
        error={at['why']}
        onChange={(event) => setWhy(event.currentTarget.value)}
      />
      <div className="form-actions">
        <Button type="submit" aria-busy={asking.isPending}>
          Ask
        </Button>
        <span className="dimmed" role="status">
          {asking.isSuccess && outcomeOf(asking.data)}
        </span>
      </div>
    </form>
  )
}

const joined = (...texts: (string | undefined)[]): string | undefined =>
  texts.filter((text) => text !== undefined).join('; ') || undefined

const bundleText = (verification: Verification | undefined): string =>
  verification?.manifest === undefined
    ? 'The override is for the bundle that is installed now, and for no other.'
    : `The override is for the bundle ${verification.manifest} alone.`

function againstText(verification: Verification | undefined): string {
  if (verification === undefined) return 'What may be a false alarm.'
  const { refusals } = verification
  if (refusals.length === 0) return 'Nothing that counts speaks against it now.'
  return `Against it now: ${refusals.map(({ code, message }) => `${code}, ${message}`).join('; ')}`
}

const outcomeOf = ({ state }: Override): string =>
  state === 'approved'
    ? 'Approved with that: this host has one administrator.'
    : 'Asked for. Another administrator approves it.'
