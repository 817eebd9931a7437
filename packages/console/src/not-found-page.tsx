import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { Page } from './page.tsx'

export function NotFoundPage(): ReactNode {
  return (
    <Page title="No such page">
      <p>
        Nothing is at this address. <Link to="/plugins">See the plugins</Link>.
      </p>
    </Page>
  )
}
