const choices = ['red', 'green', 'blue'].map((value) => ({ value, label: value.toUpperCase() }))

/** One of each type that there is. */
export const SETTINGS = {
  greeting: {
    type: 'single-string',
    label: 'Greeting',
    description: 'What it says first.',
    default: 'hello',
    pattern: '^[a-z]+$',
  },
  limit: { type: 'integer', label: 'Limit', default: 5, min: 1, max: 10 },
  loud: { type: 'boolean-flag', label: 'Loud', default: false },
  tone: { type: 'enum-pick', label: 'Tone', options: choices, default: 'red' },
  colors: { type: 'enum-multipick', label: 'Colors', options: choices, default: ['red'] },
  words: { type: 'string-list', label: 'Words', description: 'That it knows.', default: ['one', 'two'], max: 3 },
  files: { type: 'path-glob', label: 'Files', default: 'src/**' },
  match: { type: 'regex', label: 'Match', default: '^a' },
  token: { type: 'secret', label: 'Token', description: 'For the other side.' },
  labels: { type: 'key-value-list', label: 'Labels', keyLabel: 'Name', valueLabel: 'Text' },
}
