import Type, { type Static } from 'typebox'
import { FOREIGN_ID_PATTERN } from './identity.ts'
import { closed, keyedBy } from './closed.ts'

const ranges = keyedBy('^([a-z0-9-]+/)?[a-z0-9_-]{1,128}$', Type.String({ minLength: 1 }))

/** `tenon.json`: what a workspace wants and grants. Grants count only once accepted on this machine. */
export const workspaceSchema = closed(
  {
    $schema: Type.Optional(Type.String()),
    version: Type.Literal(1),
    plugins: Type.Optional(ranges),
    registries: Type.Optional(Type.Array(Type.String({ pattern: '^https?://' }), { uniqueItems: true })),
    grants: Type.Optional(keyedBy(FOREIGN_ID_PATTERN, Type.Array(Type.String({ minLength: 1 })))),
    policies: Type.Optional(Type.Array(Type.String({ minLength: 1 }))),
  },
  { $id: 'urn:tenon:schema:workspace:1', title: 'tenon.json' },
)

const looseRanges = Type.Record(Type.String(), Type.String())

const release = closed({
  deps: Type.Optional(looseRanges),
  optionalDeps: Type.Optional(looseRanges),
  ifPresent: Type.Optional(looseRanges),
  conflicts: Type.Optional(looseRanges),
  engines: Type.Optional(looseRanges),
  yanked: Type.Optional(Type.Boolean()),
})

const catalog = {
  root: closed({ deps: Type.Optional(looseRanges), optionalDeps: Type.Optional(looseRanges) }),
  packages: Type.Record(Type.String(), Type.Record(Type.String(), release)),
  runtime: Type.Optional(looseRanges),
  locked: Type.Optional(looseRanges),
  lockMode: Type.Optional(Type.Enum(['prefer', 'pin'])),
}

/** What `tenon resolve --catalog` solves. */
export const catalogSchema = closed(catalog, { $id: 'urn:tenon:schema:catalog:1', title: 'catalog' })
export const scenariosSchema = closed(
  { scenarios: Type.Array(closed({ name: Type.String({ minLength: 1 }), ...catalog })) },
  { $id: 'urn:tenon:schema:scenarios:1', title: 'catalog scenarios' },
)

export type WorkspaceDocument = Static<typeof workspaceSchema>
export type CatalogDocument = Static<typeof catalogSchema>
export type CatalogRelease = Static<typeof release>
