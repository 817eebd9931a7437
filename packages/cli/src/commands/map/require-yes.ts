import { TenonError } from '@tenon/contract'

/** What cannot be taken back is asked for twice: by the command and by `--yes`. */
export function requireYes(yes: boolean, what: string): void {
  if (!yes) throw new TenonError('USAGE', `${what}, and --yes is not given`, { hint: 'Add --yes, or --dry-run.' })
}
