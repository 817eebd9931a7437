/** The layer of each package; an import points to a lower one. */
export const LAYERS: Readonly<Record<string, number>> = {
  contract: 0,
  resolver: 1,
  compat: 1,
  sdk: 1,
  database: 2,
  bundle: 2,
  egress: 2,
  http: 2,
  ledger: 3,
  storage: 3,
  bus: 3,
  sandbox: 3,
  authoring: 4,
  registry: 4,
  installer: 4,
  runner: 4,
  map: 4,
  host: 4,
  cli: 5,
  console: 5,
}

/** Packages that import nothing of Node. */
export const PURE: readonly string[] = ['contract', 'resolver', 'compat', 'sdk']

/** For tests only; it may import anything and nothing but tests imports it. */
export const DEVELOPMENT: readonly string[] = ['testkit']
