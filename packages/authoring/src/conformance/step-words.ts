import { CucumberExpression, ParameterType, ParameterTypeRegistry } from '@cucumber/cucumber-expressions'
import type { Step } from './step.ts'

/** What stands for a part of a step, beside those that Cucumber brings. All of them are handed on as they are written. */
export const STEP_WORDS = {
  json: {
    is: /\{.*\}|\[.*\]|"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/,
    means: 'a JSON value',
  },
  text: { is: /"(?:[^"\\]|\\.)*"/, means: 'a text in double quotes, written as in JSON' },
  code: { is: /[A-Z][A-Za-z0-9_]*/, means: 'an error code, the plugin’s own or one of [errors](errors.md)' },
  capability: { is: /[a-z]+:[^\s]+/, means: 'a capability, such as `storage:kv`' },
  path: { is: /\/[^\s]*/, means: 'a path of a URL' },
  rest: { is: /[^\s"].*/, means: 'words up to the end of the line' },
} as const

export type Matcher = (text: string) => { step: Step; words: string[] }[]

/** Finds the steps that a text may be. More than one is a fault of who wrote it, or ours. */
export function matcherOf(steps: readonly Step[]): Matcher {
  const words = new ParameterTypeRegistry()
  for (const [name, { is }] of Object.entries(STEP_WORDS))
    words.defineParameterType(new ParameterType(name, is, null, (text) => text, false))
  const expressions = steps.map((step) => ({ step, expression: new CucumberExpression(step.pattern, words) }))
  return (text) =>
    expressions.flatMap(({ step, expression }) => {
      const found = expression.match(text)
      return found === null ? [] : [{ step, words: found.map((one) => String(one.getValue(null))) }]
    })
}
