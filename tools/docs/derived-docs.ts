import { STEP_WORDS, STEPS } from '@tenon/authoring'
import { ERRORS } from '@tenon/contract'
import { dialects } from '@tenon/contract/schema'

/** Documents that are written from the source: path → text. `npm run docs` writes them, a test compares. */
export const derivedDocs: Readonly<Record<string, () => string>> = {
  'docs/errors.md': errorsDoc,
  'docs/dialects.md': dialectsDoc,
  'docs/conformance-steps.md': stepsDoc,
}

const NOTE = '<!-- Written from the source by "npm run docs"; a test compares. -->'

function errorsDoc(): string {
  const sections = Object.entries(ERRORS).map(
    ([code, { exit, http, title }]) => `## ${code}\n\n${title}. Exit status ${exit}, HTTP status ${http}.\n`,
  )
  return [
    '# Errors',
    NOTE,
    'Every failure carries one of these codes, a message that names the offending thing, and mostly a hint. Over HTTP it is an\n`application/problem+json` body whose `type` is `urn:tenon:error:<CODE>`. Codes are never reused.\n',
    ...sections,
  ]
    .join('\n\n')
    .replaceAll(/\n{3,}/g, '\n\n')
}

function dialectsDoc(): string {
  const sections = Object.values(dialects).map(({ name, fields }) => {
    const rows = fields.map(({ field, becomes }) => `| \`${field}\` | ${becomes} |`)
    return `## ${name}\n\n| foreign field | becomes |\n|---|---|\n${rows.join('\n')}\n`
  })
  return [
    '# Dialects',
    NOTE,
    'A dialect reads a foreign manifest as it is and turns it into a description, the form in which Tenon knows every plugin.\n`tenon plugin validate FILE --dialect host|dataset|skill-map` reports what registration, discovery and the map would.\n',
    ...sections,
  ]
    .join('\n\n')
    .replaceAll(/\n{3,}/g, '\n\n')
}

function stepsDoc(): string {
  const kinds = [
    ['given', 'What there is'],
    ['when', 'What is done'],
    ['then', 'What is demanded'],
  ]
  const row = (left: string, means: string): string => `| \`${left}\` | ${means} |`
  const sections = kinds.map(([kind, title]) => {
    const rows = STEPS.filter((step) => step.kind === kind).map(({ pattern, means }) => row(pattern, means))
    return `## ${title}\n\n| step | meaning |\n|---|---|\n${rows.join('\n')}\n`
  })
  const words = Object.entries(STEP_WORDS).map(([name, { means }]) => row(`{${name}}`, means))
  return [
    '# Steps of scenarios',
    NOTE,
    'Every step of `conformance/behavior/*.feature` is one of these, behind any word of Gherkin; [conformance](conformance.md) says how they are played.\nA step that ends in a colon takes what stands below it: a doc string, or a table of keys and values.\n',
    ...sections,
    `## Values in steps\n\n| written | stands for |\n|---|---|\n${words.join('\n')}\n| \`{word}\`, \`{int}\` | as Cucumber reads them |\n`,
  ]
    .join('\n\n')
    .replaceAll(/\n{3,}/g, '\n\n')
}
