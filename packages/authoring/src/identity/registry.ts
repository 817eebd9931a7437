import { defined } from '@tenon/contract'
import { stringify } from 'yaml'
import { versionKey, type Identities, type Identity } from './identities.ts'

const HEAD = '# Written by "tenon ids registry" from the cards, the ledger and what it sealed. Never edited.\n'

/** The one text of `ids/registry.yaml`: an entry for each card, by its ULID. */
export function registryText({ cards, tags }: Identities): string {
  const sorted = [...cards.values()].toSorted((a, b) => (a.card < b.card ? -1 : 1))
  const ids = Object.fromEntries(sorted.map((identity) => [identity.card, entryOf(identity, tags)]))
  return `${HEAD}${stringify({ schema: 'tenon.registry/1', ids }, { lineWidth: 0 })}`
}

const entryOf = (
  { kind, birth, place = birth, deprecated, supersedes, supersededBy, versions }: Identity,
  tags: Identities['tags'],
): object =>
  defined({
    kind,
    key: place.key,
    path: place.path,
    deprecated: deprecated ? true : undefined,
    supersedes,
    superseded_by: supersededBy,
    versions:
      versions.length === 0
        ? undefined
        : versions.map(({ plugin, version, commit, manifest }) =>
            defined({ plugin, version, commit, manifest, tag: tags.get(versionKey({ plugin, version })) }),
          ),
  })

/** The first line in which what lies there is not what it should be. */
export function registryDifference(lying: string, wanted: string): { line: number; message: string } | undefined {
  if (lying === wanted) return undefined
  const [left, right] = [lying.split('\n'), wanted.split('\n')]
  const at = [...left, ...right].findIndex((_, index) => left[index] !== right[index])
  const shown = (lines: string[]): string => (at < lines.length ? JSON.stringify(lines[at]) : 'nothing')
  return { line: at + 1, message: `has ${shown(left)} where the ledger implies ${shown(right)}` }
}
