import type { Problem } from '@tenon/contract'
import { requireIdentityLedger } from '@tenon/ledger'
import type { Checked } from '../gates/gate.ts'
import { identitiesOf, type Identities } from '../identity/identities.ts'
import { cardsCreated, cardsSuperseded, placesChanged } from '../identity/identity-changes.ts'
import { changedCards, changedVersions } from '../identity/identity-problems.ts'
import { CHECKPOINT, LEDGER, REGISTRY } from '../identity/identity-store.ts'
import { registryDifference, registryText } from '../identity/registry.ts'
import { movedTags, tagDifferences } from '../identity/tags.ts'
import { differingLine, type GuardedChange } from './guarded-change.ts'

/** Whether ledger, registry and tags say what was merged: for the branch that changes are merged to, once it was sealed. */
export async function checkMergedState({ base, head, sealed: before, tags }: GuardedChange): Promise<Checked> {
  const { lines } = await requireIdentityLedger(head.bytes(LEDGER) ?? Buffer.of(), head.bytes(CHECKPOINT))
  const sealed = identitiesOf(lines())
  return {
    checked: sealed.cards.size + sealed.published.size,
    problems: [
      ...grown(base.text(LEDGER) ?? '', head.text(LEDGER) ?? ''),
      ...changedCards(sealed, head.snapshot),
      ...changedVersions(sealed, head.manifests),
      ...unsealed(sealed, head),
      ...registryProblems(sealed, head.text(REGISTRY) ?? ''),
      ...movedTags(newlySealed(sealed, before), tags),
      ...tagDifferences(sealed, tags),
    ],
  }
}

/** Versions of which the ledger of base, by which tags were held already, says nothing. */
const newlySealed = ({ published, ...rest }: Identities, before: Identities): Identities => ({
  ...rest,
  published: new Map([...published].filter(([version]) => !before.published.has(version))),
})

const problem = (code: string, file: string, message: string, hint: string, line = 1): Problem => ({
  pointer: '',
  file,
  line,
  code,
  message,
  hint,
})

/** A ledger only grows. */
const grown = (before: string, after: string): Problem[] =>
  after.startsWith(before)
    ? []
    : [
        problem(
          'LEDGER_TOUCHED',
          LEDGER,
          'does not go on from what it was',
          'Take it back, and seal again.',
          differingLine(before, after),
        ),
      ]

function unsealed(sealed: Identities, { snapshot, manifests }: GuardedChange['head']): Problem[] {
  const seen = [...cardsCreated(sealed, snapshot), ...cardsSuperseded(sealed), ...placesChanged(sealed, snapshot)]
  const versions = [...manifests.keys()].filter(({ id, version }) => !sealed.published.has(`${id}@${version}`))
  const lacking = [
    ...seen.map(({ type, card }) => `${type} ${card}`),
    ...versions.map(({ id, version }) => `version.published ${id}@${version}`),
  ]
  return lacking.map((what) => problem('SEAL_LACKING', LEDGER, `says nothing yet of: ${what}`, 'Run "tenon ids seal".'))
}

function registryProblems(sealed: Identities, lying: string): Problem[] {
  const difference = registryDifference(lying, registryText(sealed))
  if (difference === undefined) return []
  return [problem('DERIVED_DRIFT', REGISTRY, difference.message, 'Run "tenon ids registry".', difference.line)]
}
