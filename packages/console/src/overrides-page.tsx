import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { Dialog } from './dialog.tsx'
import { Loaded } from './loaded.tsx'
import { OverrideForm } from './override-form.tsx'
import { OverrideTable } from './override-table.tsx'
import { overridesQuery, type OverrideStep, useOverrideStep } from './overrides.ts'
import { Page } from './page.tsx'
import { ProblemNotice } from './problem-notice.tsx'
import { Time } from './time.tsx'

const route = getRouteApi('/overrides')

export function OverridesPage(): ReactNode {
  const search = route.useSearch()
  const overrides = useQuery(overridesQuery)
  const [asking, setAsking] = useState<OverrideStep>()
  const step = useOverrideStep()
  return (
    <Page
      title="Overrides"
      about="What speaks against a plugin and does not count, for one bundle and for a time, by the word of administrators. What was changed after it was signed is never lifted."
    >
      {step.isError && <ProblemNotice problem={step.error} onDismiss={() => step.reset()} />}
      <Loaded query={overrides} what="the overrides">
        {(known) => (known.length === 0 ? <NoOverrides /> : <OverrideTable overrides={known} onStep={setAsking} />)}
      </Loaded>
      <section aria-labelledby="ask">
        <h2 id="ask">Ask for an override</h2>
        <OverrideForm key={`${search.plugin} ${search.finding}`} {...search} />
      </section>
      {asking !== undefined && (
        <Dialog {...textsOf(asking)} onSubmit={() => step.mutate(asking)} onClose={() => setAsking(undefined)} />
      )}
    </Page>
  )
}

function textsOf({ step, override: { finding, plugin, expiresAt, why } }: OverrideStep) {
  if (step === 'revoke')
    return {
      title: `Revoke the override for ${plugin}?`,
      about: `${finding} counts again, and what runs only by the override ends. It can be asked for again.`,
      verb: 'Revoke',
    }
  const about = (
    <>
      {finding} does not count for this bundle until <Time at={expiresAt} />. Asked for because: {why}
    </>
  )
  return { title: `Approve the override for ${plugin}?`, about, verb: 'Approve' }
}

function NoOverrides(): ReactNode {
  return (
    <div className="empty">
      <h2>None was ever asked for</h2>
      <p>
        When a plugin is refused for what you know to be a false alarm, ask for one below. Where there are two
        administrators, another than the one who asks approves it.
      </p>
    </div>
  )
}
