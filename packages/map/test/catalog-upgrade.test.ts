import { upgradeForCatalog, type CatalogMigration } from '@tenon/map'
import { expect, test } from 'vitest'

const renamed = (from: string, to: string, mark: string): CatalogMigration => ({
  from,
  to,
  transform: (manifest) => ({ manifest: { ...manifest, [mark]: true } }),
})
const refusing: CatalogMigration = {
  ...{ from: '1.0.0', to: '2.0.0' },
  transform: () => ({ offending: ['the contract "node-badge" of "x"'] }),
}
const manifest = { id: 'p', catalogCompat: '^0.8.0', settings: { a: { type: 'colour' }, b: { type: 'secret' } } }

test('a manifest for the present catalogue, or that names none, stays as it is', () => {
  for (const catalogCompat of [undefined, '^1.0.0', '>=0.9'])
    expect(upgradeForCatalog({ id: 'p', ...(catalogCompat && { catalogCompat }) }).steps).toEqual([])
})

test('steps are taken one after the other, and the range is raised', () => {
  const migrations = [renamed('0.9.0', '1.0.0', 'second'), renamed('0.8.3', '0.9.0', 'first')]
  expect(upgradeForCatalog(manifest, { migrations })).toEqual({
    manifest: { ...manifest, first: true, second: true, catalogCompat: '^1.0.0' },
    steps: ['0.9.0', '1.0.0'],
  })
})

test('where no step leads on, it is refused by what the catalogue does not have', () => {
  for (const migrations of [[], [renamed('0.8.0', '0.9.0', 'first')]])
    expect(() => upgradeForCatalog(manifest, { migrations })).toThrow(
      expect.objectContaining({
        code: 'UPGRADE_IMPOSSIBLE',
        message: 'p: no step leads from "^0.8.0" to 1.0.0; the input type "colour" of "a"',
      }),
    )
  expect(() => upgradeForCatalog({ ...manifest, catalogCompat: '^3' })).toThrow('no step leads from "^3"')
  expect(() => upgradeForCatalog({ ...manifest, catalogCompat: 'soon' })).toThrow('"soon" is no range')
})

test('what a step cannot bring over is named', () => {
  const given = { migrations: [renamed('0.8.0', '1.0.0', 'first'), refusing], version: '2.0.0' }
  expect(() => upgradeForCatalog(manifest, given)).toThrow(
    'p: the step to 2.0.0 cannot take it along; the contract "node-badge" of "x"',
  )
})
