import { assert, jsonValue, type Json, type JsonObject, type Problem } from '@tenon/contract'
import type { Validator } from '@tenon/contract/schema'
import type { SidecarReading } from '../files/sidecar.ts'
import type { FoundFile } from '../files/listing.ts'
import type { Issue, Link, Node } from '../graph-schema.ts'
import { issueForm } from '../issue-form.ts'
import type { ParsedFile } from '../text/front-matter.ts'
import { proseOf } from '../text/prose.ts'
import type { TextFacts } from '../text/text-facts.ts'
import type { Claim } from './claim.ts'
import { deepFrozen } from './deep-frozen.ts'
import type { ExtractorInput } from './inputs.ts'
import type { LoadedProvider } from './loaded-extension.ts'
import type { KnownFile } from './snapshot.ts'
import { specValidator } from './spec-schemas.ts'

/** A node in the making. What extractors see is frozen; what they find is collected beside it. */
export type Draft = {
  node: Node
  provider: LoadedProvider
  /** What extractors see. */
  input: ExtractorInput
  /** The links that each extractor found, by its key. */
  found: Map<string, readonly Link[]>
  issues: readonly Issue[]
  file: FoundFile
  /** Whether it would be claimed like this again. */
  isSure: boolean
}

/** What a draft comes to once every extractor has looked at it, and what a file came to that need not be read. */
export type Finished = Pick<Draft, 'node' | 'provider' | 'issues' | 'file'> & {
  /** All that were found in it, in the order of the extractors. */
  links: readonly Link[]
  /** The keys of the extractors that looked at it. */
  lookedAtBy: ReadonlySet<string>
  known: KnownFile
}

/** A file that was read, with its sidecar, and all that the two say but what takes longer to find out. */
export type Described = Claim & Read & { issues: readonly Issue[] }

type Read = { parsed: ParsedFile; sidecar: SidecarReading }

export function described(claim: Claim, severity: 'warn' | 'error'): Described {
  const parsed = claim.file.parsedFor(claim.provider)
  assert(parsed !== undefined, 'a Provider claims what it was shown')
  const read = { ...claim, parsed, sidecar: claim.file.sidecarOf(parsed) }
  return { ...read, issues: fileIssues(read, severity) }
}

export function draftOf(read: Described, { tokens, code }: TextFacts): Draft {
  const { file, provider, isSure, issues } = read
  const { body, frontMatter } = read.parsed
  const input = deepFrozen({
    ...{ node: nodeOf(read, tokens), body, prose: proseOf(body, code) },
    frontmatter: frontMatter.value,
  })
  return { node: input.node, provider, input, found: new Map(), issues, file: file.file, isSure }
}

function nodeOf({ file, provider, kind, parsed, sidecar }: Claim & Read, tokens: TextFacts['tokens']): Node {
  const { body, bodyHash, frontMatter } = parsed
  return {
    path: file.path,
    kind,
    provider: provider.manifest.id,
    bodyHash,
    frontmatterHash: frontMatter.hash,
    bytes: sized([Buffer.byteLength(frontMatter.raw ?? ''), Buffer.byteLength(body)]),
    ...(tokens === undefined ? {} : { tokens: sized(tokens) }),
    linksOutCount: 0,
    linksInCount: 0,
    externalRefsCount: 0,
    frontmatter: frontMatter.value,
    sidecar: sidecar.state,
  }
}

const sized = ([frontmatter = 0, body = 0]: readonly number[]) => ({ frontmatter, body, total: frontmatter + body })

/** What the kernel itself finds wrong with a file. */
function fileIssues({ file, provider, kind, parsed, sidecar }: Claim & Read, severity: 'warn' | 'error'): Issue[] {
  const { path } = file
  const { raw, value, hint } = parsed.frontMatter
  const found = (ruleId: string, of: Issue['severity'], message: string, data: JsonObject): Issue =>
    issueForm({ ruleId, severity: of, nodeIds: [path], message, data })
  const errors = raw === undefined ? [] : frontmatterValidator(provider, kind).problems(value).map(printed)
  const invalid = `The front matter of ${path} does not fit the kind ${kind}: ${errors.join('; ')}.`
  return [
    ...(errors.length === 0 ? [] : [found('frontmatter-invalid', severity, invalid, { kind, errors })]),
    ...(hint === undefined ? [] : [found('frontmatter-malformed', severity, `${path}: ${HINTS[hint]}`, { hint })]),
    ...(sidecar.faults.length === 0
      ? []
      : [
          found('invalid-sidecar', 'warn', `The sidecar of ${path} cannot be used: ${sidecar.faults.join('; ')}.`, {
            sidecarPath: path.replace(/\.[^./]*$/, '.sm'),
          }),
        ]),
  ]
}

const HINTS = {
  'byte-order-mark': 'A byte order mark stands before the front matter; save the file without it.',
  'paste-with-indent': 'The opening --- is indented; move it to the start of its line.',
  'missing-close': 'The front matter is not closed; end it with a line of three dashes.',
}

const printed = ({ pointer, message }: Problem): string => `${pointer}: ${message}`

const validators = new WeakMap<object, Validator<unknown>>()

/** Compiled once for each schema document that a Provider brings. */
function frontmatterValidator(provider: LoadedProvider, kind: string): Validator<unknown> {
  const { schema } = provider.manifest.kinds[kind] ?? { schema: {} }
  const known = validators.get(schema)
  const validator = known ?? specValidator(jsonValue(JSON.stringify(schema)) as Json)
  validators.set(schema, validator)
  return validator
}
