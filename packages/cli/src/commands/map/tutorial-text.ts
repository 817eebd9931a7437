const agent = (path: string, lines: readonly string[]): string => `Save this as \`${path}\`:

\`\`\`md
${lines.join('\n')}
\`\`\`
`

const run = (...commands: readonly string[]): string => `\`\`\`sh
${commands.join('\n')}
\`\`\`
`

/** A test saves its files and runs its commands, in this order. */
export const TUTORIAL = `# A first map

A map shows what the files of your agents say of each other. This page makes a small one; it takes five minutes, and
everything that it writes lies in this folder.

## 1. Two agents and a note

${agent('.claude/agents/writer.md', [
  '---',
  'name: writer',
  'description: Writes the release notes.',
  '---',
  '',
  'Ask @reviewer to read them, and keep to the [style](../../notes/style.md).',
])}
${agent('.claude/agents/reviewer.md', [
  '---',
  'name: reviewer',
  'description: Reads what others wrote.',
  '---',
  '',
  'Compare with the [checklist](../../notes/checklist.md).',
])}
${agent('notes/style.md', ['# Style', '', 'Short words, whole sentences.'])}
The checklist is missing on purpose.

## 2. Begin the map

${run('sm init')}
This makes \`.skill-map\` with the settings and the database, \`.skillmapignore\` for what no scan should look into, and
two lines of \`.gitignore\`, so that git keeps neither your own settings nor the database. Then it scans for the first
time: four nodes (this page is one), and the links between them. The missing checklist is an issue.

${run('sm scan')}
scans again. The status is 1 when there is an error among the issues, 0 otherwise; \`--json\` prints the whole graph.

## 3. Look at it

${run('sm list', 'sm show .claude/agents/writer.md', 'sm check', 'sm graph --format mermaid')}
\`sm show\` tells what a file says of others and they of it, \`sm check\` what is amiss, and \`sm graph\` draws the whole.

## 4. Settings

Settings have layers: those of your home folder, those of this project, and in both a file of your own that git does not
keep. The later wins.

${run('sm config list', 'sm config set scan.tokenize false', 'sm config show scan.tokenize --source', 'sm scan', 'sm config reset scan.tokenize')}
Without tokens a scan is faster. What may be set, \`sm config list\` shows.

## 5. What takes part

All that a scan does is done by plugins, those that ship with it too. They are switched as a whole, or extension by
extension:

${run('sm plugins list', 'sm plugins disable core/markdown', 'sm scan', 'sm plugins enable core/markdown', 'sm scan')}
Without \`core/markdown\` only the agents are left: nobody else wants the other files.

## 6. A plugin of your own

${run('sm plugins create my-words', 'sm scan', 'sm plugins config my-words', 'sm plugins doctor', 'sm doctor')}
It counts words in every file, in a process of its own that reaches neither files nor network. Its README, in
\`.skill-map/plugins/my-words\`, says how to go on. \`sm help\` names all verbs.
`
