import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundle } from './bundle.ts'
import { carryTypes } from './carried.ts'
import { freshDist, readPackage, writePublished } from './package-file.ts'

const SOURCE = /^\.\/src\/(.+)\.ts$/

/** Writes a library: its faces bundled with the code that they need, and declarations with the packages these name. */
export async function buildLibrary(root: string, name: string): Promise<string> {
  const folder = join(root, 'packages', name)
  const { exports = {} } = readPackage(folder)
  const dist = freshDist(folder)
  const faces = Object.values(exports).flatMap((path) => SOURCE.exec(path)?.[1] ?? [])
  const entries = Object.fromEntries(faces.map((face) => [face, join(folder, 'src', `${face}.ts`)]))
  await bundle({ root, dist, entries, extension: 'js' })
  declare(root, folder)
  const carried = namedIn(join(dist, 'lib'))
  for (const one of carried) carryTypes(dist, one, folder)
  const hasSchemas = existsSync(join(folder, 'schemas'))
  if (hasSchemas) cpSync(join(folder, 'schemas'), join(dist, 'schemas'), { recursive: true })
  const published = Object.entries(exports).map(([face, path]) => [face, publishedFace(path)])
  writePublished(root, folder, {
    exports: { ...Object.fromEntries(published), ...(hasSchemas ? { './schemas/*.json': './schemas/*.json' } : {}) },
    carried,
  })
  return dist
}

function publishedFace(path: string): string | object {
  const face = SOURCE.exec(path)?.[1]
  return face === undefined ? path : { types: `./lib/${face}.d.ts`, default: `./lib/${face}.js` }
}

/** The packages that declarations import from. */
function namedIn(folder: string): string[] {
  const texts = globSync('**/*.d.ts', { cwd: folder }).map((path) => readFileSync(join(folder, path), 'utf8'))
  const names = texts.flatMap((text) => [...text.matchAll(/(?:from |import\()['"]((?:@[^/'"]+\/)?[^./'"][^/'"]*)/g)])
  return [...new Set(names.flatMap(([, name]) => name ?? []))].sort()
}

/** Declarations are written against what is published of our own packages, not against their sources. */
function declare(root: string, folder: string): void {
  const cache = join(root, 'node_modules/.cache/tenon-build')
  mkdirSync(cache, { recursive: true })
  const config = join(cache, 'tsconfig.json')
  const settings = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: {
      noEmit: false,
      declaration: true,
      emitDeclarationOnly: true,
      incremental: false,
      tsBuildInfoFile: null,
      rootDir: join(folder, 'src'),
      outDir: join(folder, 'dist/lib'),
      paths: { '@tenon/*': [join(root, 'packages/*/dist')] },
    },
    include: [join(folder, 'src')],
    exclude: [],
  }
  writeFileSync(config, JSON.stringify(settings, null, 2))
  execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', config], { stdio: 'inherit' })
}
