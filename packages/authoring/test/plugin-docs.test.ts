import { existsSync, readdirSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { writeDocs } from '@tenon/authoring'
import { temporaryFolder } from '@tenon/testkit'
import { code, editSpec, quickDisk, read, scaffoldOnce, write } from './plugins.ts'

const fresh = scaffoldOnce()
const plugins = fileURLToPath(new URL('../../../plugins/', import.meta.url))
const OURS = ['user-management', 'id-mint', 'csv-profile', 'keyword-map'].map((id) => join(plugins, id))

async function docsOf(roots: readonly string[]): Promise<{ out: string; paths: string[] }> {
  const out = temporaryFolder()
  return { out, paths: await writeDocs(quickDisk, roots, out) }
}

describe('the pages of plugins', () => {
  test('are one for each, and an index, each link of which leads somewhere', async () => {
    const { out, paths } = await docsOf(OURS)
    expect(paths).toEqual([
      'index.html',
      ...['csv-profile', 'id-mint', 'keyword-map', 'user-management'].map((id) => `${id}/index.html`),
    ])
    for (const path of paths)
      for (const [, href = ''] of read(out, path).matchAll(/href="([^"]+)"/g)) {
        const [file = '', anchor] = href.split('#')
        const target = file === '' ? path : normalize(join(dirname(path), file))
        expect([path, href, existsSync(join(out, target))]).toEqual([path, href, true])
        if (anchor !== undefined) expect(read(out, target)).toContain(` id="${anchor}"`)
      }
  })

  test('tell what a plugin is for, how it is set up, where it answers, and what it declares', async () => {
    const { out } = await docsOf(OURS)
    const titles = (id: string) =>
      [...read(out, `${id}/index.html`).matchAll(/<h2 [^>]*>([^<]+)/g)].map(([, title]) => title)
    const all = ['Purpose', 'Set-up', 'Endpoints', 'Operations', 'Settings', 'Permissions', 'Events', 'Services']
    expect(titles('id-mint')).toEqual(all)
    expect(titles('csv-profile')).toEqual(['Purpose', 'Set-up', 'Dataset', 'Permissions'])
    const page = read(out, 'user-management/index.html')
    for (const text of [
      'POST /gateway/user-management/create_user',
      'GET /api/users/{id}',
      '&quot;username&quot;: &quot;ada&quot;',
    ])
      expect(page).toContain(text)
  })

  test('leave out what a plugin does not say', async () => {
    const bare = fresh()
    editSpec(bare, (spec) => {
      for (const key of ['publisher', 'license', 'description'] as const) delete spec[key]
      spec.operations?.push({ name: 'quiet', summary: 'Says nothing.', input: false, output: false })
      spec.settings = { loud: { type: 'boolean-flag', label: 'Loud' } }
    })
    const dataset = fresh('python')
    editSpec(dataset, (spec) => {
      spec.id = 'bare-dataset'
      spec.dataset = {}
      delete spec.engines
    })
    const { out } = await docsOf([bare, dataset])
    const page = read(out, 'demo-plugin/index.html')
    expect(page).toContain('Its author has not said yet.')
    expect(page).not.toMatch(/undefined|by acme/)
    expect(page).toContain('quiet')
    expect(read(out, 'bare-dataset/index.html')).not.toMatch(/undefined|direction/)
  })

  test('are the same bytes for the same plugins, in whatever order they are named', async () => {
    const [one, two] = [await docsOf(OURS), await docsOf(OURS.toReversed())]
    expect(one.paths.map((path) => read(one.out, path))).toEqual(two.paths.map((path) => read(two.out, path)))
  })

  test('run nothing and fetch nothing, whatever a plugin says of itself', async () => {
    const root = fresh()
    const hostile = `</code><script>alert(1)</script><img src="x" onerror='a()'>`
    editSpec(root, (spec) => {
      spec.name = hostile
      spec.description = hostile
      spec.homepage = 'https://example.test/"><script>'
      spec.permissions = [{ capability: 'net:connect:example.test', reason: hostile }]
      spec.settings = { depth: { type: 'single-string', label: hostile, default: hostile } }
      for (const operation of spec.operations ?? []) operation.summary = hostile
    })
    write(root, 'examples/echo_request.json', `{ "text": ${JSON.stringify(hostile)} }`)
    const { out, paths } = await docsOf([root])
    for (const path of paths) {
      const text = read(out, path)
      expect(text).not.toMatch(/<(script|img|iframe|link|object)|\son\w+=['"]|src="|url\(/)
      expect(text).toContain(`content="default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;"`)
    }
    expect(read(out, 'demo-plugin/index.html')).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
  })

  test('link to no address that is a program', async () => {
    const root = fresh()
    editSpec(root, (spec) => (spec.repository = 'javascript:alert(1)'))
    const { out } = await docsOf([root])
    expect(read(out, 'demo-plugin/index.html')).toContain('<p>javascript:alert(1)</p>')
  })

  test('are not written at all when one plugin is invalid or named twice', async () => {
    const [good, bad] = [fresh(), fresh('remote')]
    const out = temporaryFolder()
    await expect(writeDocs(quickDisk, [good, bad], out)).rejects.toThrow(code('PLUGIN_EXISTS'))
    editSpec(bad, (spec) => (spec.id = 'Bad'))
    await expect(writeDocs(quickDisk, [good, bad], out)).rejects.toThrow(code('SPEC_INVALID'))
    expect(readdirSync(out)).toEqual([])
  })
})
