import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, Outlet } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { Mark } from './mark.tsx'
import { ProblemNotice } from './problem-notice.tsx'
import { sessionQuery, useSignOut } from './session.ts'

/** What stands around every page. */
export function Frame(): ReactNode {
  return (
    <div className="frame">
      <a className="skip-link" href="#content">
        Skip to content
      </a>
      <header className="frame-side">
        <div className="frame-fixed">
          <div className="frame-brand">
            <Mark />
            Tenon
          </div>
          <nav aria-label="Console">
            <Link to="/plugins">Plugins</Link>
            <Link to="/overrides">Overrides</Link>
            <Link to="/trust">Trust</Link>
            <Link to="/storage">Storage</Link>
            <Link to="/administrators">Administrators</Link>
            <Link to="/audit">Audit</Link>
            <Link to="/map">Map</Link>
          </nav>
          <WhoIsSignedIn />
        </div>
      </header>
      <main id="content" tabIndex={-1}>
        <Outlet />
      </main>
    </div>
  )
}

function WhoIsSignedIn(): ReactNode {
  const { data } = useQuery(sessionQuery)
  const signOut = useSignOut()
  return (
    <div className="frame-session">
      <div>
        <span className="dimmed">Signed in as</span> <strong>{data?.name}</strong>
      </div>
      <Button variant="default" size="xs" onClick={() => signOut.mutate()}>
        Sign out
      </Button>
      {signOut.isError && <ProblemNotice problem={signOut.error} />}
    </div>
  )
}
