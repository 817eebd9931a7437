import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ERRORS } from '@tenon/contract'
import { DEVELOPMENT, LAYERS, PURE } from './layers.ts'
import { FILE_LINES_MAX, FUNCTION_LINES_MAX, LONG_FILES, LONG_FUNCTIONS } from './ratchet.ts'
import {
  importsOf,
  lineAt,
  nodesOf,
  root,
  sourceFiles,
  type Import,
  type Node,
  type SourceFile,
} from './source-files.ts'

const sources = sourceFiles(['packages/*/src/**/*.{ts,tsx}'])
const everything = [
  ...sources,
  ...sourceFiles(['packages/*/test/**/*.ts', 'tools/**/*.{ts,mjs}', 'cases/**/*.ts', 'packages/*/bin/*.mjs']),
]
const packageOf = (path: string): string => path.split('/')[1] ?? ''
const places = (files: SourceFile[], fault: (file: SourceFile) => string[]): string[] => files.flatMap(fault)
const importFaults = (files: SourceFile[], fault: (one: Import, file: SourceFile) => string | undefined): string[] =>
  places(files, (file) =>
    importsOf(file).flatMap((one) => {
      const why = fault(one, file)
      return why === undefined ? [] : [`${file.path}:${one.line} ${why}`]
    }),
  )
const nodeFaults = (files: SourceFile[], fault: (node: Node, file: SourceFile) => string | undefined): string[] =>
  places(files, (file) =>
    [...nodesOf(file.program)].flatMap((node) => {
      const why = fault(node, file)
      return why === undefined ? [] : [`${file.path}:${lineAt(file, node.start)} ${why}`]
    }),
  )
const sibling = (from: string): string | undefined => /^@tenon\/([a-z]+)/.exec(from)?.[1]
const dependenciesOf = (name: string): string[] =>
  Object.keys(
    (JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8')) as { dependencies?: object })
      .dependencies ?? {},
  )

test('runs on the pinned Node', () => {
  expect(process.versions.node.split('.').map(Number)[0]).toBeGreaterThanOrEqual(24)
  if (process.platform === 'linux') expect(process.version).toBe('v24.21.0')
})

describe('layers', () => {
  test('every package has a layer and a README', () => {
    const packages = readdirSync(join(root, 'packages'))
    expect(packages.filter((name) => !(name in LAYERS) && !DEVELOPMENT.includes(name))).toEqual([])
    expect(packages.filter((name) => !existsSync(join(root, 'packages', name, 'README.md')))).toEqual([])
  })

  test('an import points to a lower layer', () => {
    const faults = importFaults(sources, ({ from }, file) => {
      const [mine, other] = [packageOf(file.path), sibling(from)]
      if (other === undefined || DEVELOPMENT.includes(mine)) return undefined
      const [own, target] = [LAYERS[mine], LAYERS[other]]
      return own !== undefined && target !== undefined && target < own ? undefined : `imports @tenon/${other}`
    })
    expect(faults).toEqual([])
  })

  /** Packages whose files are looked up and handed on, not imported. */
  const namesIn = (text: string): string[] =>
    [...text.matchAll(/'(@tenon\/[a-z]+)'/g)].flatMap(([, name]) => name ?? [])

  test('a sibling that is imported is declared, and one that is declared is imported or looked up', () => {
    const undeclared = importFaults(sources, ({ from }, file) => {
      const other = sibling(from)
      if (other === undefined || dependenciesOf(packageOf(file.path)).includes(`@tenon/${other}`)) return undefined
      return `does not declare @tenon/${other}`
    })
    const unused = Object.keys(LAYERS).flatMap((name) => {
      const used = new Set(
        sources
          .filter((file) => packageOf(file.path) === name)
          .flatMap((file) => [...importsOf(file).map(({ from }) => from), ...namesIn(file.text)])
          .map(sibling),
      )
      return dependenciesOf(name)
        .filter((dependency) => sibling(dependency) !== undefined && !used.has(sibling(dependency)))
        .map((dependency) => `${name} ${dependency}`)
    })
    expect([...undeclared, ...unused]).toEqual([])
  })

  test('a relative import stays inside its package', () => {
    const faults = importFaults(sources, ({ from }, file) => {
      if (!from.startsWith('.')) return undefined
      const target = normalize(join(dirname(file.path), from))
      return target.startsWith(`packages/${packageOf(file.path)}/src/`) ? undefined : `reaches ${target}`
    })
    expect(faults).toEqual([])
  })

  test('the pure packages import nothing of Node', () => {
    const pure = sources.filter((file) => PURE.includes(packageOf(file.path)))
    expect(importFaults(pure, ({ from }) => (from.startsWith('node:') ? `imports ${from}` : undefined))).toEqual([])
  })

  test('there is no import cycle, by value or by type', () => {
    expect(cyclesOf(sources)).toEqual([])
  })
})

describe('names and exports', () => {
  test('no file says nothing in its name', () => {
    const banned = /(^|[/-])(utils?|helpers?|common|misc|manager)([./-]|$)/
    expect(everything.map((file) => file.path).filter((path) => banned.test(path))).toEqual([])
  })

  test('there is no export * and no default export', () => {
    const allowed = (path: string): boolean => /\/(test|bin)\//.test(path) || path.endsWith('.config.ts')
    const faults = nodeFaults(
      sources.filter((file) => !allowed(file.path)),
      ({ type }) => (type === 'ExportAllDeclaration' || type === 'ExportDefaultDeclaration' ? type : undefined),
    )
    expect(faults).toEqual([])
  })
})

describe('the world', () => {
  const isMember = (node: Node, object: string, property?: string): boolean => {
    const [left, right] = [node['object'] as Node | undefined, node['property'] as Node | undefined]
    return (
      node.type === 'MemberExpression' &&
      left?.['name'] === object &&
      (property === undefined || right?.['name'] === property)
    )
  }
  const REAL: [string, string?][] = [
    ['Date', 'now'],
    ['Math', 'random'],
    ['performance', 'now'],
    ['process', 'env'],
    ['process', 'cwd'],
  ]
  const MAY_TOUCH =
    /^packages\/(cli\/src\/main\.ts|authoring\/src\/guard\/program\.ts|sandbox\/src\/guest\.ts|console\/|testkit\/)/

  test('clock, chance, environment and folder come only through World', () => {
    const files = sources.filter((file) => !MAY_TOUCH.test(file.path))
    const faults = nodeFaults(files, (node) => {
      for (const [object, property] of REAL) if (isMember(node, object, property)) return `uses ${object}.${property}`
      if (
        node.type === 'NewExpression' &&
        (node['callee'] as Node)['name'] === 'Date' &&
        (node['arguments'] as Node[]).length === 0
      )
        return 'uses new Date()'
      if (
        node.type === 'CallExpression' &&
        ['setTimeout', 'setInterval'].includes(String((node['callee'] as Node)['name']))
      )
        return 'uses a timer'
      return undefined
    })
    const imports = importFaults(files, ({ from }, file) =>
      /randomBytes|randomUUID/.test(file.text) && from === 'node:crypto'
        ? 'takes chance from node:crypto'
        : from === 'node:timers/promises'
          ? 'uses a timer'
          : undefined,
    )
    expect([...faults, ...imports]).toEqual([])
  })

  const READS_ITSELF =
    /^packages\/(contract\/src\/json-text\.ts|cli\/src\/version\.ts|map\/src\/kernel\/in-process\.ts|sandbox\/src\/guest\.ts|sdk\/src\/json-copy\.ts|console\/|testkit\/)/

  test('JSON is read by what keeps the keys of its text', () => {
    const files = sources.filter((file) => !READS_ITSELF.test(file.path))
    const faults = nodeFaults(files, (node) =>
      isMember(node, 'JSON', 'parse') ? 'uses JSON.parse; take jsonValue or parseJson' : undefined,
    )
    expect(faults).toEqual([])
  })

  test('console belongs to the printer', () => {
    const files = sources.filter((file) => file.path !== 'packages/cli/src/printer.ts')
    expect(nodeFaults(files, (node) => (isMember(node, 'console') ? 'uses console' : undefined))).toEqual([])
  })
})

describe('error codes', () => {
  test('every code that is listed is thrown somewhere', () => {
    const thrown = sources
      .filter((file) => file.path !== 'packages/contract/src/errors.ts')
      .map((file) => file.text)
      .join('\n')
    const unused = Object.keys(ERRORS).filter((code) => !new RegExp(`'${code}'|\\b${code}:`).test(thrown))
    expect(unused).toEqual([])
  })
})

describe('length', () => {
  test(`no file is longer than ${FILE_LINES_MAX} lines`, () => {
    const long = everything.filter((file) => file.lines > FILE_LINES_MAX).map((file) => file.path)
    expect(long).toEqual(LONG_FILES)
  })

  test(`no function is longer than ${FUNCTION_LINES_MAX} lines`, () => {
    const kinds = ['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']
    const long = nodeFaults(sources, (node, file) => {
      const lines = lineAt(file, node.end) - lineAt(file, node.start) + 1
      return kinds.includes(node.type) && lines > FUNCTION_LINES_MAX ? `${lines} lines` : undefined
    })
    expect(long).toEqual(LONG_FUNCTIONS)
  })
})

/** Each cycle once, as its files in order. */
function cyclesOf(files: SourceFile[]): string[] {
  const edges = new Map(
    files.map((file) => [
      file.path,
      importsOf(file)
        .filter(({ from }) => from.startsWith('.'))
        .map(({ from }) => normalize(join(dirname(file.path), from))),
    ]),
  )
  const found = new Set<string>()
  const done = new Set<string>()
  const visit = (path: string, trail: string[]): void => {
    const at = trail.indexOf(path)
    if (at >= 0) found.add([...trail.slice(at), path].join(' → '))
    if (at >= 0 || done.has(path)) return
    for (const next of edges.get(path) ?? []) visit(next, [...trail, path])
    done.add(path)
  }
  for (const path of edges.keys()) visit(path, [])
  return [...found]
}
