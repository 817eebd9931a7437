import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { Disclosure } from './disclosure.tsx'
import { JsonBlock } from './json-block.tsx'
import { Loaded } from './loaded.tsx'
import { OperationForm } from './operation-form.tsx'
import { Page } from './page.tsx'
import { PluginFacts } from './plugin-facts.tsx'
import { PluginPermissions } from './plugin-permissions.tsx'
import { PluginRevocation } from './plugin-revocation.tsx'
import { PluginSwitch } from './plugin-switch.tsx'
import { PluginTabs } from './plugin-tabs.tsx'
import { type Operation, type PluginDetail, pluginQuery } from './plugins.ts'
import { ProblemNotice } from './problem-notice.tsx'

const route = getRouteApi('/plugins/$id')

export function PluginPage(): ReactNode {
  const { id } = route.useParams()
  const plugin = useQuery(pluginQuery(id))
  const [problem, setProblem] = useState<Error>()
  const { data } = plugin
  return (
    <>
      <PluginTabs id={id} />
      <Page
        title={data?.name ?? id}
        about={data?.description}
        actions={
          data !== undefined && (
            <div className="buttons">
              <PluginRevocation plugin={data} onProblem={setProblem} />
              <PluginSwitch plugin={data} onProblem={setProblem} />
            </div>
          )
        }
      >
        {problem !== undefined && <ProblemNotice problem={problem} onDismiss={() => setProblem(undefined)} />}
        <Loaded query={plugin} what={id}>
          {(detail) => <PluginSections plugin={detail} />}
        </Loaded>
      </Page>
    </>
  )
}

function PluginSections({ plugin }: { plugin: PluginDetail }): ReactNode {
  return (
    <>
      <PluginFacts plugin={plugin} />
      <p className="after-facts">
        In the audit:{' '}
        <Link to="/audit" search={{ target: plugin.id }}>
          what was done to it
        </Link>
        ,{' '}
        <Link to="/audit" search={{ actor: `plugin:${plugin.id}` }}>
          what it did
        </Link>
      </p>
      <PluginPermissions plugin={plugin} />
      <section aria-labelledby="operations">
        <h2 id="operations">Operations</h2>
        <Operations plugin={plugin.id} operations={plugin.operations} />
      </section>
      <section aria-labelledby="manifest">
        <h2 id="manifest">Manifest</h2>
        <div className="panel">
          <Disclosure label="Show the manifest">
            <JsonBlock label="Manifest" value={plugin.manifest} />
          </Disclosure>
        </div>
      </section>
    </>
  )
}

function Operations({ plugin, operations }: { plugin: string; operations: Operation[] }): ReactNode {
  if (operations.length === 0) return <p className="dimmed">It offers none.</p>
  return (
    <ul className="panel operations">
      {operations.map((operation) => (
        <li key={operation.name}>
          <Disclosure
            label={
              <>
                <code>{operation.name}</code> <span className="dimmed">{operation.summary}</span>
              </>
            }
          >
            <OperationForm plugin={plugin} operation={operation} />
          </Disclosure>
        </li>
      ))}
    </ul>
  )
}
