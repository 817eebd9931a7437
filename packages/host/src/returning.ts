import { TenonError, type Audit, type Description, type Problem } from '@tenon/contract'
import type { Storage } from '@tenon/storage'
import { recordingRefusal, type By } from './audited.ts'
import { newerStored } from './stored-version.ts'

/** Throws STORAGE_NEWER, naming all, where a plugin that would come back in this version stored something in a later one. */
export function refuseReturning(
  { audit, storage }: { audit: Audit; storage: Storage },
  returning: readonly Description[],
  by: By,
): Promise<void> {
  const target = returning.map(({ id }) => id).join(' ')
  return recordingRefusal(
    audit,
    () => ({ ...by, action: 'workspace.rollback', target }),
    async () => {
      const judged = returning.map(async (one) => ({ ...one, problems: await problemsOf(storage, one) }))
      const unfit = (await Promise.all(judged)).filter(({ problems }) => problems.length > 0)
      if (unfit.length === 0) return
      const names = unfit.map(({ id, version }) => `${id} ${version}`).join(', ')
      throw new TenonError('STORAGE_NEWER', `${names} would not start over what a later version stored`, {
        hint: 'Stay with what is installed, or restore a backup of before ("tenon admin storage restore") and roll back then.',
        problems: unfit.flatMap(({ problems }) => problems),
      })
    },
  )
}

const problemsOf = async (storage: Storage, description: Description): Promise<Problem[]> =>
  (await newerStored(storage, description)).map(({ code, message }) => ({
    pointer: `/plugins/${description.id}`,
    code,
    message,
  }))
