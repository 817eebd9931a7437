import { Button } from '@mantine/core'
import type { Json } from '@tenon/contract'
import { type FormEvent, type ReactNode, useState } from 'react'
import { byField, refusedFields } from './field-problems.ts'
import { ReasonDialog } from './reason-dialog.tsx'
import { RefusalNotice } from './refusal-notice.tsx'
import { draftOf, isSameDraft, type SettingDraft, valueOf } from './setting-draft.ts'
import { SettingField } from './setting-field.tsx'
import { type Changed, type Setting, type Settings, useChangeSettings, type Wanted } from './settings.ts'

type SettingsFormProps = { plugin: string; environment: string | undefined; known: Settings }
type Asking = Pick<Wanted, 'settings'> & { title: string; verb: string }
type Drafts = Record<string, SettingDraft>

/** All settings of a plugin, changed together, each with what the host says is wrong with it. */
export function SettingsForm({ plugin, environment, known }: SettingsFormProps): ReactNode {
  const [drafts, setDrafts] = useState<Drafts>({})
  const [asking, setAsking] = useState<Asking>()
  const change = useChangeSettings(plugin, environment)
  const problems = { ...byField(known.problems), ...refusedFields(change.error) }
  const changes = changesOf(known, drafts)
  const ids = Object.keys(changes)
  const where = environment === undefined ? 'everywhere' : `in ${environment}`
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    const what = ids.length === 1 ? ids[0] : `${ids.length} settings`
    if (ids.length > 0 && !change.isPending)
      setAsking({ title: `Change ${what} ${where}?`, verb: 'Change', settings: changes })
  }
  const discard = (): void => {
    setDrafts({})
    change.reset()
  }
  const send = (settings: Record<string, Json>, why: string): void =>
    change.mutate({ settings, why }, { onSuccess: () => setDrafts((kept) => without(kept, Object.keys(settings))) })
  return (
    <>
      <form onSubmit={submit} noValidate aria-label={`Settings of ${plugin}`}>
        <RefusalNotice problem={change.error} fields={Object.keys(known.settings)} />
        <ul className="panel settings">
          {Object.entries(known.settings).map(([id, setting]) => (
            <SettingField
              key={id}
              {...{ plugin, id, environment, setting }}
              draft={drafts[id] ?? shownDraft(setting)}
              error={problems[id]}
              onDraft={(draft) => setDrafts({ ...drafts, [id]: draft })}
              onTakeBack={() =>
                setAsking({ title: `Take ${id} back ${where}?`, verb: 'Take back', settings: { [id]: null } })
              }
            />
          ))}
        </ul>
        <div className="form-actions">
          <Button type="submit" disabled={ids.length === 0} aria-busy={change.isPending}>
            Save
          </Button>
          <Button variant="default" disabled={ids.length === 0} onClick={discard}>
            Discard
          </Button>
          <span className="dimmed" role="status">
            {ids.length > 0 ? `${ids.length} changed, not saved.` : change.isSuccess && outcomeOf(change.data)}
          </span>
        </div>
      </form>
      {asking !== undefined && (
        <ReasonDialog {...asking} onClose={() => setAsking(undefined)} onReason={(why) => send(asking.settings, why)} />
      )}
    </>
  )
}

const shownDraft = ({ declaration, value }: Setting): SettingDraft => draftOf(declaration, value)

/** What was edited into something else than is shown. */
function changesOf({ settings }: Settings, drafts: Drafts): Record<string, Json> {
  const changed = Object.entries(settings).flatMap(([id, setting]): [string, Json][] => {
    const draft = drafts[id]
    if (draft === undefined || isSameDraft(draft, shownDraft(setting))) return []
    return [[id, valueOf(setting.declaration, draft)]]
  })
  return Object.fromEntries(changed)
}

const without = (drafts: Drafts, ids: readonly string[]): Drafts =>
  Object.fromEntries(Object.entries(drafts).filter(([id]) => !ids.includes(id)))

const RECEPTIONS: Record<Changed['plugin'], string> = {
  told: 'the plugin was told',
  restarting: 'the plugin starts anew at its next call',
  'not running': 'the plugin is told when it starts',
  unchanged: 'nothing changes for the plugin on this host',
}

const outcomeOf = ({ version, plugin }: Changed): string => `Saved as version ${version}; ${RECEPTIONS[plugin]}.`
