import { Button, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { type FormEvent, type ReactNode, useId } from 'react'
import { Loaded } from './loaded.tsx'
import { Page } from './page.tsx'
import { PluginMigration } from './plugin-migration.tsx'
import { PluginTabs } from './plugin-tabs.tsx'
import { SettingsForm } from './settings-form.tsx'
import { SettingsHistory } from './settings-history.tsx'
import { type Settings, settingsHistoryQuery, settingsQuery } from './settings.ts'

const route = getRouteApi('/plugins/$id/settings')

export function SettingsPage(): ReactNode {
  const { id } = route.useParams()
  const { environment } = route.useSearch()
  const settings = useQuery(settingsQuery(id, environment))
  const history = useQuery(settingsHistoryQuery(id))
  return (
    <>
      <PluginTabs id={id} />
      <Page title={`Settings of ${id}`} about={aboutOf(environment)}>
        {!isWithout(settings.data) && (
          <EnvironmentForm key={environment} environment={environment} known={environmentsIn(history.data)} />
        )}
        <Loaded query={settings} what="the settings">
          {(known) =>
            isWithout(known) ? (
              <NoSettings />
            ) : (
              <SettingsForm key={`${id} ${environment}`} plugin={id} environment={environment} known={known} />
            )
          }
        </Loaded>
        <section aria-labelledby="history">
          <h2 id="history">History</h2>
          <Loaded query={history} what="the history">
            {(changes) => <SettingsHistory changes={changes} />}
          </Loaded>
        </section>
        <PluginMigration id={id} />
      </Page>
    </>
  )
}

const aboutOf = (environment: string | undefined): string =>
  environment === undefined
    ? 'As they are on this host. A change holds everywhere, unless an environment says otherwise.'
    : `As they are on hosts in the environment ${environment}. A change holds there alone.`

const isWithout = (known: Settings | undefined): boolean =>
  known !== undefined && Object.keys(known.settings).length === 0

const environmentsIn = (changes: { environment?: string }[] = []): string[] => [
  ...new Set(changes.flatMap(({ environment }) => environment ?? [])),
]

function NoSettings(): ReactNode {
  return (
    <div className="empty">
      <h2>It has no settings</h2>
      <p>A plugin declares in its spec what can be set.</p>
    </div>
  )
}

/** Environments are names that hosts are started with, so any may be asked for; those that were ever set are offered. */
function EnvironmentForm({ environment, known }: { environment: string | undefined; known: string[] }): ReactNode {
  const navigate = route.useNavigate()
  const listId = useId()
  const show = (name: string): void => void navigate({ search: name === '' ? {} : { environment: name } })
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const name = new FormData(event.currentTarget).get('environment')
    show(typeof name === 'string' ? name.trim() : '')
  }
  return (
    <form className="filters" aria-label="Environment" onSubmit={submit}>
      <TextInput
        label="Environment"
        name="environment"
        placeholder="This host"
        list={listId}
        spellCheck={false}
        defaultValue={environment}
      />
      <datalist id={listId}>
        {known.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <Button type="submit" variant="default">
        Show
      </Button>
      {environment !== undefined && (
        <Button variant="default" onClick={() => show('')}>
          This host
        </Button>
      )}
    </form>
  )
}
