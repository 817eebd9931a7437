import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { KeyForm } from './key-form.tsx'
import { KeyTable } from './key-table.tsx'
import { Loaded } from './loaded.tsx'
import { Page } from './page.tsx'
import { ProblemNotice } from './problem-notice.tsx'
import { ReasonDialog } from './reason-dialog.tsx'
import { RevocationTable } from './revocation-table.tsx'
import { RevokeKeyForm } from './revoke-key-form.tsx'
import { keysQuery, revocationsQuery, useAskRegistries, useRevokeKey } from './trust.ts'

export function TrustPage(): ReactNode {
  const keys = useQuery(keysQuery)
  const [leaving, setLeaving] = useState<string>()
  const revoke = useRevokeKey()
  return (
    <Page title="Trust" about="Whose signature counts on this machine, and what no longer does.">
      {revoke.isError && <ProblemNotice problem={revoke.error} onDismiss={() => revoke.reset()} />}
      <section aria-labelledby="keys">
        <h2 id="keys">Keys</h2>
        <Loaded query={keys} what="the keys">
          {(known) => <KeyTable keys={known} onRevoke={setLeaving} />}
        </Loaded>
      </section>
      <section aria-labelledby="trust">
        <h2 id="trust">Trust a key</h2>
        <KeyForm />
      </section>
      <Revocations />
      <section aria-labelledby="revoke">
        <h2 id="revoke">Revoke a key that is not listed</h2>
        <RevokeKeyForm onRevoke={setLeaving} />
      </section>
      {leaving !== undefined && (
        <ReasonDialog
          title="Revoke this key?"
          about={
            <>
              Nothing that <code>{leaving}</code> ever signed starts any more on this machine, and what runs by it ends.
              It is never trusted again.
            </>
          }
          verb="Revoke key"
          isFinal
          onReason={(why) => revoke.mutate({ keyId: leaving, why })}
          onClose={() => setLeaving(undefined)}
        />
      )}
    </Page>
  )
}

function Revocations(): ReactNode {
  const revocations = useQuery(revocationsQuery)
  const asking = useAskRegistries()
  return (
    <section aria-labelledby="revocations">
      <h2 id="revocations">Revocations</h2>
      <p className="dimmed">A version of a plugin is revoked on the page of the plugin.</p>
      {asking.isError && <ProblemNotice problem={asking.error} onDismiss={() => asking.reset()} />}
      <Loaded query={revocations} what="the revocations">
        {(known) => <RevocationTable known={known} />}
      </Loaded>
      <div className="form-actions">
        <Button
          variant="default"
          size="xs"
          aria-busy={asking.isPending}
          onClick={() => !asking.isPending && asking.mutate()}
        >
          Ask the registries now
        </Button>
        <span className="dimmed" role="status">
          {asking.isSuccess && 'Asked; what may not run any more has ended.'}
        </span>
      </div>
    </section>
  )
}
