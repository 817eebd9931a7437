import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plugin } from 'rolldown'
import { readPackage } from './package-file.ts'

const PACKAGE_FOLDER = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/

/** Writes the licenses of all that became part of a bundle, which is what they ask of whoever passes them on. */
export const thirdPartyLicenses = (dist: string): Plugin => ({
  name: 'third-party-licenses',
  generateBundle(_, output) {
    const modules = Object.values(output).flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []))
    const folders = new Set(modules.flatMap((id) => PACKAGE_FOLDER.exec(id)?.[0] ?? []))
    if (folders.size === 0) return
    writeFileSync(join(dist, 'THIRD-PARTY-LICENSES.txt'), [...folders].sort().map(licenseOf).join('\n'))
  },
})

function licenseOf(folder: string): string {
  const { name, version, license } = readPackage(folder)
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file))
  const texts = files.map((file) => readFileSync(join(folder, file), 'utf8').trim())
  return [`${name} ${version} (${license})`, ...texts, ''].join('\n\n')
}
