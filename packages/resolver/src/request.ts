import type { Requirement } from './catalog.ts'

export type ResolveRequest = {
  /** What messages call the one who asks, for instance `tenon.json`; `root` unless given. */
  name?: string
  deps: readonly Requirement[]
  optionalDeps: readonly Requirement[]
  /** Every engine there is, with its version. Without it engines are not checked. */
  runtime?: Readonly<Record<string, string>>
  /** Version by id. `prefer` takes it where it fits, `pin` allows no other. */
  locked?: Readonly<Record<string, string>>
  lockMode?: 'prefer' | 'pin'
}

export type NamedRequest = ResolveRequest & { name: string }
