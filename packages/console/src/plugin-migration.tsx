import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { type Migrated, type Move, useMigrate } from './migration.ts'
import { ProblemNotice } from './problem-notice.tsx'

/** For a plugin whose earlier version stored otherwise than this one declares. */
export function PluginMigration({ id }: { id: string }): ReactNode {
  const migrate = useMigrate(id)
  const start = (dryRun: boolean): void => {
    if (!migrate.isPending) migrate.mutate({ dryRun })
  }
  return (
    <section aria-labelledby="migration">
      <h2 id="migration">Migration</h2>
      <p className="dimmed">
        What an earlier version stored is brought to what this one declares before its first start; or here, at once. It
        is done as a whole or not at all.
      </p>
      {migrate.isError && <ProblemNotice problem={migrate.error} />}
      <div className="form-actions">
        <Button variant="default" aria-busy={migrate.isPending} onClick={() => start(true)}>
          Try on a copy
        </Button>
        <Button variant="default" aria-busy={migrate.isPending} onClick={() => start(false)}>
          Migrate
        </Button>
        <span className="dimmed" role="status">
          {migrate.isSuccess && outcomeOf(migrate.data, migrate.variables.dryRun)}
        </span>
      </div>
    </section>
  )
}

function outcomeOf({ storage, settings }: Migrated, isTried: boolean): string {
  const moves = [moveText('keys', storage), moveText('settings', settings)].filter((text) => text !== '')
  if (moves.length === 0) return 'There is nothing to migrate.'
  return `${isTried ? 'It would go well: ' : 'Done: '}${moves.join('; ')}.`
}

const moveText = (what: string, { from, to, changed }: Move): string =>
  from === to ? '' : `${what} from version ${from} to ${to}, ${changed} of them changed`
