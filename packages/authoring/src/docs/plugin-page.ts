import type { PluginSpec } from '@tenon/contract'
import type { PluginFolder } from '../folder/plugin-folder.ts'
import { html, type Html } from './html.ts'
import { block, code, pageText, table, type Section } from './page.ts'

/** The page of a plugin: what it is for, how it is set up, where it answers, and everything that it declares. */
export function pluginPage(spec: PluginSpec, folder: PluginFolder): string {
  const { name, id, version, publisher, license, runtime } = spec
  const facts = [
    id,
    version,
    ...(publisher === undefined ? [] : [`by ${publisher}`]),
    ...(license === undefined ? [] : [license]),
    `runs as ${runtime.kind}`,
  ]
  const head = html`<header>\n<h1>${name}</h1>\n<p class="soft">${facts.join(' · ')}</p>\n</header>`
  const sections = [
    purpose(spec),
    setUp(spec),
    endpoints(spec),
    operations(spec, folder),
    dataset(spec),
    settings(spec),
    permissions(spec),
    events(spec),
    services(spec),
  ]
  return pageText(
    `${name} ${version}`,
    head,
    sections.filter((section) => section !== undefined),
    '../index.html',
  )
}

const section = (title: string, body: Html): Section => ({ id: title.toLowerCase().replaceAll(' ', '-'), title, body })

/** A section with a table, or none where there are no rows. */
const tabled = (title: string, head: string[], rows: (string | Html)[][]): Section | undefined =>
  rows.length === 0 ? undefined : section(title, table(head, rows))

const linked = (address: string): Html =>
  /^https?:\/\//.test(address) ? html`<a href="${address}" rel="noopener noreferrer">${address}</a>` : html`${address}`

function purpose({ description, homepage, repository, keywords = [] }: PluginSpec): Section {
  const links = [homepage, repository].filter((address) => address !== undefined)
  return section(
    'Purpose',
    html`<p>${description ?? 'Its author has not said yet.'}</p>
${keywords.length === 0 ? '' : html`<p class="soft">${keywords.join(', ')}</p>\n`}${links.map((address) => html`<p>${linked(address)}</p>\n`)}`,
  )
}

function setUp({
  id,
  publisher,
  engines = {},
  dependencies = {},
  optionalDependencies = {},
  runtime,
}: PluginSpec): Section {
  const reference = publisher === undefined ? id : `${publisher}/${id}`
  const address =
    runtime.kind === 'remote'
      ? ['', '# Start it, then tell the host its address.', `tenon admin address ${id} http://HOST:PORT`]
      : []
  const needs = [
    ...Object.entries(engines).map(([what, range]) => ['engine', what, range]),
    ...Object.entries(dependencies).map(([what, range]) => ['plugin', what, range]),
    ...Object.entries(optionalDependencies).map(([what, range]) => ['plugin, if it can be had', what, range]),
  ]
  const commands = [`tenon plugin install ${reference}`, `tenon plugin enable ${id}`, ...address].join('\n')
  return section(
    'Set-up',
    html`${block(commands)}${needs.length === 0 ? '' : table(['needs', 'what', 'versions'], needs)}`,
  )
}

function endpoints({ id, runtime, operations: all = [] }: PluginSpec): Section | undefined {
  const called = all.map(({ name, summary }) => [code(`POST /gateway/${id}/${name}`), summary])
  const own = all.flatMap(({ name, endpoint }) =>
    endpoint === undefined
      ? []
      : [[code(`${endpoint.method} ${endpoint.path}`), `Where the plugin itself answers for ${name}.`]],
  )
  const named =
    runtime.kind === 'remote'
      ? Object.entries(runtime.endpoints).map(([name, path]) => [code(path), `The plugin's own "${name}".`])
      : []
  return tabled('Endpoints', ['where', 'what'], [...called, ...own, ...named])
}

type Operation = NonNullable<PluginSpec['operations']>[number]

function operations({ id, operations: all = [] }: PluginSpec, folder: PluginFolder): Section | undefined {
  if (all.length === 0) return undefined
  const parts = all.map(({ name }) => ({ id: `operation-${name}`, title: name }))
  return { ...section('Operations', html`${all.map((operation) => operationHtml(id, operation, folder))}`), parts }
}

function operationHtml(id: string, operation: Operation, folder: PluginFolder): Html {
  const { name, summary, timeoutMs, idempotent = false, sensitive = false, requires = [] } = operation
  const facts = [
    ...(timeoutMs === undefined ? [] : [`within ${timeoutMs} ms`]),
    ...(idempotent ? ['may be repeated'] : []),
    ...(sensitive ? ['sensitive'] : []),
  ]
  const file = (path: string): Html[] => {
    const text = folder.text(path)
    return text === undefined ? [] : [block(text)]
  }
  const folded = (title: string, path: string): Html[] =>
    file(path).map((body) => html`<details>\n<summary>${title}</summary>\n${body}</details>\n`)
  return html`<h3 id="operation-${name}">${name}</h3>
<p>${summary}</p>
${facts.length === 0 ? '' : html`<p class="soft">${facts.join(' · ')}</p>\n`}${requires.length === 0 ? '' : html`<p>Requires ${requires.flatMap((capability, index) => [html`${index === 0 ? '' : ', '}`, code(capability)])}.</p>\n`}${block(`tenon call ${id} ${name} --input FILE`)}<p>Given</p>
${file(`examples/${name}_request.json`)}<p>it answers</p>
${file(`examples/${name}_response.json`)}${folded('Schema of what it takes', `schemas/${name}.in.schema.json`)}${folded('Schema of what it gives', `schemas/${name}.out.schema.json`)}`
}

function dataset({ id, dataset: declared }: PluginSpec): Section | undefined {
  if (declared === undefined) return undefined
  const rows = [
    ...(declared.inputs ?? []).map(({ name, globs }) => ['in', name, code(globs.join(', '))]),
    ...(declared.outputs ?? []).map(({ name, globs }) => ['out', name, code(globs.join(', '))]),
  ]
  const command = block(`tenon run ${id} --dataset DIR --out DIR`)
  return section('Dataset', html`${command}${rows.length === 0 ? '' : table(['direction', 'name', 'files'], rows)}`)
}

const settings = ({ settings: declared = {} }: PluginSpec): Section | undefined =>
  tabled(
    'Settings',
    ['setting', 'type', 'default', 'what'],
    Object.entries(declared).map(([id, setting]) => [
      code(id),
      setting.type,
      'default' in setting ? code(JSON.stringify(setting.default)) : '',
      setting.description ?? setting.label,
    ]),
  )

const permissions = ({ permissions: asked = [] }: PluginSpec): Section =>
  tabled(
    'Permissions',
    ['capability', 'reason'],
    asked.map(({ capability, reason }) => [code(capability), reason]),
  ) ?? section('Permissions', html`<p>It asks for nothing.</p>`)

const events = ({ events: { emits = [], handles = [] } = {} }: PluginSpec): Section | undefined =>
  tabled(
    'Events',
    ['direction', 'type', 'version'],
    [
      ...emits.map(({ type, version }) => ['emits', code(type), String(version)]),
      ...handles.map(({ type }) => ['handles', code(type), '']),
    ],
  )

const services = ({ id, services: { provides = [], consumes = [] } = {} }: PluginSpec): Section | undefined =>
  tabled(
    'Services',
    ['direction', 'service', 'at most'],
    [
      ...provides.map(({ name, throttle }) => ['provides', code(`${id}/${name}`), `${throttle.perSecond} a second`]),
      ...consumes.map((name) => ['consumes', code(name), '']),
    ],
  )
