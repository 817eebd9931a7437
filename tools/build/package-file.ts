import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export type PackageFile = {
  name: string
  version: string
  description: string
  license: string
  type: string
  engines?: Record<string, string>
  exports?: Record<string, string>
  bin?: Record<string, string>
  dependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
}

export const readPackage = (folder: string): PackageFile =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))

/** An empty dist/ of a workspace package. */
export function freshDist(folder: string): string {
  const dist = join(folder, 'dist')
  rmSync(dist, { recursive: true, force: true })
  mkdirSync(dist)
  return dist
}

type Faces = { exports: object; bin?: Record<string, string>; carried: string[] }

/** Writes the package.json that is published, last of all: it lists what is in dist/. */
export function writePublished(root: string, folder: string, { carried, ...faces }: Faces): void {
  const { name, version, description, license, type } = readPackage(folder)
  const dist = join(folder, 'dist')
  copyFileSync(join(folder, 'README.md'), join(dist, 'README.md'))
  copyFileSync(join(root, 'LICENSE'), join(dist, 'LICENSE'))
  const published = {
    name,
    version,
    description,
    license,
    type,
    engines: readPackage(root).engines,
    ...faces,
    files: readdirSync(dist).filter((entry) => entry !== 'node_modules'),
    dependencies: Object.fromEntries(carried.map((one) => [one, readPackage(join(dist, 'node_modules', one)).version])),
    bundleDependencies: carried,
  }
  writeFileSync(join(dist, 'package.json'), `${JSON.stringify(published, null, 2)}\n`)
}
