import { NativeSelect } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { Dialog } from './dialog.tsx'
import { GrantForm } from './grant-form.tsx'
import { GrantTable } from './grant-table.tsx'
import { type GrantChange, type GrantPlace, type Grants, grantsQuery, useChangeGrants } from './grants.ts'
import { Loaded } from './loaded.tsx'
import { PermissionTable } from './permission-table.tsx'
import type { PluginDetail } from './plugins.ts'
import { ProblemNotice } from './problem-notice.tsx'

/** What a plugin asks for and what it is granted, to be given and taken back. */
export function PluginPermissions({ plugin: { id, permissions } }: { plugin: PluginDetail }): ReactNode {
  const grants = useQuery(grantsQuery(id))
  const [asking, setAsking] = useState<GrantChange>()
  const change = useChangeGrants(id)
  const give = (capability: string): void => setAsking({ capability, place: 'host', isGiven: true })
  return (
    <>
      {change.isError && <ProblemNotice problem={change.error} onDismiss={() => change.reset()} />}
      <section aria-labelledby="permissions">
        <h2 id="permissions">Permissions</h2>
        <PermissionTable permissions={permissions} onGrant={give} />
      </section>
      <section aria-labelledby="grants">
        <h2 id="grants">Grants</h2>
        <Loaded query={grants} what="the grants">
          {(known) => <GrantTable grants={known} onTakeBack={setAsking} />}
        </Loaded>
        <GrantForm onGrant={give} />
      </section>
      {asking !== undefined && (
        <GrantDialog
          {...{ id, asking, grants: grants.data }}
          onPlace={(place) => setAsking({ ...asking, place })}
          onSubmit={() => change.mutate(asking)}
          onClose={() => setAsking(undefined)}
        />
      )}
    </>
  )
}

type GrantDialogProps = {
  id: string
  asking: GrantChange
  grants: Grants | undefined
  onPlace: (place: GrantPlace) => void
  onSubmit: () => void
  onClose: () => void
}

function GrantDialog({ id, asking, grants, onPlace, ...dialog }: GrantDialogProps): ReactNode {
  const capability = <code>{asking.capability}</code>
  if (!asking.isGiven)
    return (
      <Dialog
        {...dialog}
        title={`Take a grant of ${id} back?`}
        about={<>What was opened by {capability} is closed, and it is refused from then on.</>}
        verb="Take back"
      />
    )
  return (
    <Dialog
      {...dialog}
      title={`Grant to ${id}?`}
      about={<>It may use from then on what it asks for and {capability} covers.</>}
      verb="Grant"
    >
      <NativeSelect
        label="Where"
        value={asking.place}
        data={PLACES.filter(({ value }) => value === 'host' || grants?.workspace !== undefined)}
        onChange={(event) => onPlace(event.currentTarget.value === 'workspace' ? 'workspace' : 'host')}
      />
    </Dialog>
  )
}

const PLACES = [
  { value: 'host', label: 'On this host only' },
  { value: 'workspace', label: 'In the workspace, written to tenon.json' },
]
