import Type, { type Static } from 'typebox'
import { FOREIGN_ID_PATTERN } from './identity.ts'
import { runtimeSchema } from './spec-schema.ts'
import { closed } from './closed.ts'

const digest = Type.String({ pattern: '^sha256:[0-9a-f]{64}$' })
const text = Type.String({ minLength: 1 })
const texts = Type.Record(Type.String(), text)

/** `manifest.json`: what a runtime needs to know of a plugin, with the digest of each of its files but itself. */
export const manifestSchema = closed(
  {
    manifestVersion: Type.Literal(1),
    template: text,
    id: Type.String({ pattern: FOREIGN_ID_PATTERN }),
    publisher: Type.Optional(text),
    name: text,
    version: text,
    runtime: runtimeSchema,
    /** Code files as written, and in a bundle the JavaScript that each became. */
    entryPoints: Type.Array(closed({ source: text, bundled: Type.Optional(text) })),
    engines: texts,
    dependencies: texts,
    optionalDependencies: texts,
    ifPresent: texts,
    conflicts: texts,
    capabilities: Type.Array(text),
    operations: Type.Array(
      closed({
        name: text,
        input: Type.Union([digest, Type.Null()]),
        output: Type.Union([digest, Type.Null()]),
        sensitive: Type.Boolean(),
      }),
    ),
    digests: closed({ spec: digest, policySnapshot: digest, ledgerContract: digest }),
    files: Type.Record(text, digest),
    /** Files of which every line is derived, or kept in a section for notes. */
    generated: Type.Optional(Type.Array(text)),
  },
  { $id: 'urn:tenon:schema:manifest:1', title: 'manifest.json' },
)

export type Manifest = Static<typeof manifestSchema>
