import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { Loaded } from './loaded.tsx'
import { Page } from './page.tsx'
import { Containment, HealthPill, StatusPill } from './plugin-state.tsx'
import { PluginSwitch } from './plugin-switch.tsx'
import { type PluginRow, pluginsQuery } from './plugins.ts'
import { ProblemNotice } from './problem-notice.tsx'
import { TableHead } from './table-head.tsx'

export function PluginsPage(): ReactNode {
  const plugins = useQuery(pluginsQuery)
  const [problem, setProblem] = useState<Error>()
  return (
    <Page title="Plugins" about={summaryOf(plugins.data)}>
      {problem !== undefined && <ProblemNotice problem={problem} onDismiss={() => setProblem(undefined)} />}
      <Loaded query={plugins} what="the plugins">
        {(data) =>
          data.plugins.length === 0 ? <NoPlugins /> : <PluginTable plugins={data.plugins} onProblem={setProblem} />
        }
      </Loaded>
    </Page>
  )
}

function summaryOf(data: { plugins: PluginRow[]; total: number } | undefined): string | undefined {
  if (data === undefined || data.plugins.length === 0) return undefined
  const { plugins, total } = data
  const active = plugins.filter(({ status }) => status === 'active').length
  const ailing = plugins.filter(({ health }) => health === 'degraded' || health === 'unhealthy').length
  const shown = plugins.length === total ? `${total}` : `${plugins.length} of ${total}`
  return `${shown} registered, ${active} active${ailing === 0 ? '' : `, ${ailing} degraded or unhealthy`}.`
}

function NoPlugins(): ReactNode {
  return (
    <div className="empty">
      <h2>No plugin has registered yet</h2>
      <p>
        Install one into the workspace, or let one that runs elsewhere register itself. It appears here by itself, and
        does nothing before it is enabled.
      </p>
    </div>
  )
}

type TableProps = { plugins: PluginRow[]; onProblem: (problem: Error | undefined) => void }

function PluginTable({ plugins, onProblem }: TableProps): ReactNode {
  return (
    <table className="table stacking plugins">
      <TableHead columns={['Plugin', 'Status', 'Health', 'Runs as', 'Contracts']} hasActions />
      <tbody>
        {plugins.map((plugin) => (
          <PluginTableRow key={plugin.id} plugin={plugin} onProblem={onProblem} />
        ))}
      </tbody>
    </table>
  )
}

function PluginTableRow({ plugin, onProblem }: { plugin: PluginRow } & Omit<TableProps, 'plugins'>): ReactNode {
  const { id, name, version, publisher, kind, contracts, status, health } = plugin
  return (
    <tr data-plugin={id}>
      <th scope="row">
        <Link to="/plugins/$id" params={{ id }}>
          {name}
        </Link>
        <div className="under">
          <code>
            {publisher === undefined ? id : `${publisher}/${id}`} {version}
          </code>
        </div>
      </th>
      <td data-label="Status">
        <StatusPill status={status} />
      </td>
      <td data-label="Health">
        <HealthPill health={health} />
      </td>
      <td data-label="Runs as">
        {kind}
        <div className="under">
          <Containment plugin={plugin} />
        </div>
      </td>
      <td data-label="Contracts">
        {contracts.length === 0 ? <span className="dimmed">none</span> : contracts.join(', ')}
      </td>
      <td className="row-actions">
        <PluginSwitch plugin={plugin} onProblem={onProblem} />
      </td>
    </tr>
  )
}
