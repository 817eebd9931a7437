import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'

/** The pages of one plugin, and the way back to all of them. */
export function PluginTabs({ id }: { id: string }): ReactNode {
  return (
    <div className="trail">
      <Link to="/plugins">Plugins</Link>
      <nav className="tabs" aria-label={`Pages of ${id}`}>
        <Link to="/plugins/$id" params={{ id }} activeOptions={{ exact: true }}>
          Overview
        </Link>
        <Link to="/plugins/$id/settings" params={{ id }} activeOptions={{ includeSearch: false }}>
          Settings
        </Link>
      </nav>
    </div>
  )
}
