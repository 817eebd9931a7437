import { defined, type Problem } from '@tenon/contract'

/** Problems as SARIF 2.1.0, which code hosts show beside the lines. Their files are named from where the sources are. */
export function sarifOf(problems: readonly Problem[], toolVersion: string): object {
  const rules = [...new Set(problems.map(({ code }) => code))].toSorted()
  const driver = { name: 'tenon', version: toolVersion, rules: rules.map((id) => ({ id })) }
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver }, results: problems.map((problem) => resultOf(problem, rules)) }],
  }
}

const resultOf = ({ code, message, hint, file = '.', line }: Problem, rules: readonly string[]): object => ({
  ruleId: code,
  ruleIndex: rules.indexOf(code),
  level: 'error',
  message: { text: hint === undefined ? message : `${message} (${hint})` },
  locations: [
    {
      physicalLocation: defined({
        artifactLocation: { uri: file.split('/').map(encodeURIComponent).join('/'), uriBaseId: '%SRCROOT%' },
        region: line === undefined ? undefined : { startLine: line },
      }),
    },
  ],
})
