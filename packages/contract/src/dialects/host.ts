import {
  defined,
  isObject,
  isStringArray,
  nonEmptyText,
  ProblemList,
  type Description,
  type Dialect,
  type DialectReading,
  type ForeignField,
} from '../description.ts'
import { limits } from '../limits.ts'
import type { Json } from '../json-text.ts'
import { domainFault } from './domain.ts'

/** The registration body of the mediated host. Unknown further fields are ignored and never acted on. */
const fields: readonly ForeignField[] = [
  { field: 'id', becomes: 'id' },
  { field: 'name', becomes: 'name' },
  { field: 'version', becomes: 'version' },
  { field: 'description', becomes: 'description' },
  { field: 'contracts', becomes: 'contracts' },
  { field: 'traits', becomes: 'traits' },
  { field: 'dependencies', becomes: 'dependencies (range *)' },
  { field: 'allowed_domains', becomes: 'permissions (net:connect)' },
  { field: 'endpoints', becomes: 'runtime.endpoints' },
  { field: 'security.authentication_required', becomes: 'security.authenticationRequired' },
  { field: 'security.data_classification', becomes: 'security.dataClassification' },
  { field: 'compliance.hipaa_controls', becomes: 'compliance.hipaaControls' },
  { field: 'compliance.audit_level', becomes: 'compliance.auditLevel' },
  { field: 'health_check', becomes: 'health.check' },
  { field: 'resources.memory_limit', becomes: 'resources.memoryMb' },
  { field: 'resources.cpu_limit', becomes: 'resources.cpu' },
  { field: 'host', becomes: 'ignored: an address comes from the operator' },
]

const ID = /^[a-z0-9-]+$/
const VERSION = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/
const HIPAA_CONTROL = /^\d{3}\.\d{3}\([a-z]\)(\(\d+\))?(\([ivx]+\))?(\([A-Z]\))?$/
const RESERVED_TRAITS = ['admin', 'root', 'system']
const KNOWN_TRAITS = ['handles_pii', 'handles_phi', 'audit_required', 'external_service']
const CLASSIFICATIONS = ['public', 'internal', 'confidential', 'pii', 'phi'] as const
const AUDIT_LEVELS = ['none', 'basic', 'detailed', 'complete'] as const
const HEALTH_TYPES = ['http', 'tcp', 'exec', 'rpc'] as const

/** What a manifest of this dialect has no words to ask for. Asking grants nothing. */
const UNASKABLE = ['operator:call:*/*', 'event:publish:**', 'event:subscribe:**']

type Manifest = Record<string, Json>

export const hostDialect: Dialect = { name: 'host', fields, read }

function read(manifest: Json): DialectReading {
  const list = new ProblemList('HOST')
  if (!isObject(manifest)) {
    list.add('', 'MANIFEST', 'the manifest must be an object')
    return { description: undefined, problems: list.problems, warnings: [] }
  }
  for (const check of CHECKS) check(manifest, list)
  const description = list.problems.length === 0 ? describe(manifest) : undefined
  return { description, problems: list.problems, warnings: list.warnings }
}

const CHECKS: ((manifest: Manifest, list: ProblemList) => void)[] = [
  checkIdentity,
  checkContracts,
  checkTraits,
  checkDependencies,
  checkDomains,
  checkEndpoints,
  checkSecurity,
  checkCompliance,
  checkConsistency,
  checkHealth,
  checkResources,
]

function checkIdentity(manifest: Manifest, list: ProblemList): void {
  const { id, name, version, description } = manifest
  if (typeof id !== 'string') list.add('/id', 'ID', 'id is required')
  else if (!ID.test(id) || id.length > 128)
    list.add('/id', 'ID', `"${id}" may hold only lower-case letters, digits and hyphens`)
  if (!nonEmptyText(name)) list.add('/name', 'NAME', 'name is required')
  if (typeof version !== 'string') list.add('/version', 'VERSION', 'version is required')
  else if (!VERSION.test(version)) list.add('/version', 'VERSION', `"${version}" is no MAJOR.MINOR.PATCH version`)
  if (description === undefined) list.warn('/description', 'DESCRIPTION', 'a description is recommended')
  else if (typeof description !== 'string') list.add('/description', 'DESCRIPTION', 'description must be text')
}

function checkContracts({ contracts }: Manifest, list: ProblemList): void {
  if (!isStringArray(contracts) || contracts.length === 0)
    return list.add('/contracts', 'CONTRACTS', 'contracts must be a list with at least one interface role')
  for (const [index, contract] of contracts.entries())
    if (!/^[A-Z][A-Za-z0-9]*$/.test(contract))
      list.add(`/contracts/${index}`, 'CONTRACTS', `"${contract}" is no role`, 'A role reads like IdentityPlugin.')
}

function checkTraits({ traits }: Manifest, list: ProblemList): void {
  if (!isStringArray(traits) || traits.length === 0)
    return list.add('/traits', 'TRAITS', 'traits must be a list with at least one trait')
  for (const [index, trait] of traits.entries()) {
    const folded = trait.trim().toLowerCase()
    if (RESERVED_TRAITS.includes(folded))
      list.add(`/traits/${index}`, 'TRAIT_RESERVED', `the trait "${trait}" is reserved`)
    else if (!/^[a-z0-9_.-]+$/.test(trait)) list.add(`/traits/${index}`, 'TRAITS', `"${trait}" is no trait`)
    else if (!KNOWN_TRAITS.includes(trait))
      list.warn(`/traits/${index}`, 'TRAIT_UNKNOWN', `the trait "${trait}" is not known`)
  }
}

function checkDependencies({ id, dependencies }: Manifest, list: ProblemList): void {
  if (dependencies === undefined) return
  if (!isStringArray(dependencies))
    return list.add('/dependencies', 'DEPENDENCIES', 'dependencies must be a list of ids')
  for (const [index, dependency] of dependencies.entries()) {
    const pointer = `/dependencies/${index}`
    if (!ID.test(dependency)) list.add(pointer, 'DEPENDENCIES', `"${dependency}" is no plugin id`)
    else if (dependency === id) list.add(pointer, 'DEPENDENCIES', 'a plugin cannot depend on itself')
  }
}

function checkDomains({ allowed_domains: domains, traits }: Manifest, list: ProblemList): void {
  const external = isStringArray(traits) && traits.includes('external_service')
  if (domains === undefined || (Array.isArray(domains) && domains.length === 0)) {
    if (external) list.add('/allowed_domains', 'DOMAINS', 'the trait external_service needs allowed_domains')
    return
  }
  if (!isStringArray(domains))
    return list.add('/allowed_domains', 'DOMAINS', 'allowed_domains must be a list of host names')
  for (const [index, domain] of domains.entries()) {
    const fault = domainFault(domain)
    if (fault !== undefined) list.add(`/allowed_domains/${index}`, 'DOMAINS', `${JSON.stringify(domain)} ${fault}`)
  }
}

function checkEndpoints({ endpoints }: Manifest, list: ProblemList): void {
  if (endpoints === undefined) return
  if (!isObject(endpoints)) return list.add('/endpoints', 'ENDPOINTS', 'endpoints must map names to paths')
  for (const [name, path] of Object.entries(endpoints))
    if (typeof path !== 'string' || !/^\/[^\s?#]*$/.test(path) || path.split('/').includes('..'))
      list.add(`/endpoints/${name}`, 'ENDPOINTS', `${JSON.stringify(path)} is no path`, 'A path starts with "/".')
}

function checkSecurity({ security }: Manifest, list: ProblemList): void {
  if (!isObject(security)) return list.add('/security', 'SECURITY', 'security is required')
  const { authentication_required: required, data_classification: classes } = security
  if (required !== true)
    list.add('/security/authentication_required', 'AUTHENTICATION', 'authentication_required must be true')
  const pointer = '/security/data_classification'
  if (!isStringArray(classes) || classes.length === 0)
    return list.add(pointer, 'CLASSIFICATION', 'data_classification must be a list with at least one class')
  for (const [index, value] of classes.entries())
    if (!(CLASSIFICATIONS as readonly string[]).includes(value))
      list.add(`${pointer}/${index}`, 'CLASSIFICATION', `"${value}" is none of ${CLASSIFICATIONS.join(', ')}`)
}

function checkCompliance({ compliance }: Manifest, list: ProblemList): void {
  if (compliance === undefined) return
  if (!isObject(compliance)) return list.add('/compliance', 'COMPLIANCE', 'compliance must be an object')
  const { hipaa_controls: controls, audit_level: level } = compliance
  if (level !== undefined && !(AUDIT_LEVELS as readonly Json[]).includes(level))
    list.add('/compliance/audit_level', 'AUDIT_LEVEL', `${JSON.stringify(level)} is none of ${AUDIT_LEVELS.join(', ')}`)
  if (controls === undefined) return
  if (!isStringArray(controls)) return list.add('/compliance/hipaa_controls', 'HIPAA', 'hipaa_controls must be a list')
  for (const [index, control] of controls.entries())
    if (!HIPAA_CONTROL.test(control))
      list.add(`/compliance/hipaa_controls/${index}`, 'HIPAA', `"${control}" does not read like 164.312(a)`)
}

/** The rules that tie traits, classes and controls together, in both directions. */
function checkConsistency(manifest: Manifest, list: ProblemList): void {
  const traits = isStringArray(manifest['traits']) ? manifest['traits'] : []
  const security = isObject(manifest['security']) ? manifest['security'] : {}
  const classes = isStringArray(security['data_classification']) ? security['data_classification'] : []
  for (const [trait, kind] of [
    ['handles_phi', 'phi'],
    ['handles_pii', 'pii'],
  ] as const) {
    if (traits.includes(trait) && !classes.includes(kind))
      list.add('/security/data_classification', 'TRAIT_CLASS', `the trait ${trait} needs the class ${kind}`)
    if (classes.includes(kind) && !traits.includes(trait))
      list.add('/traits', 'TRAIT_CLASS', `the class ${kind} needs the trait ${trait}`)
  }
  if (classes.includes('phi') || traits.includes('handles_phi')) checkHealthData(manifest, list)
  if (classes.includes('pii') && !isObject(manifest['compliance']))
    list.add('/compliance', 'COMPLIANCE', 'personal data needs a compliance object')
}

function checkHealthData({ compliance }: Manifest, list: ProblemList): void {
  const given = isObject(compliance) ? compliance : {}
  const controls = given['hipaa_controls']
  if (!Array.isArray(controls) || controls.length === 0)
    list.add('/compliance/hipaa_controls', 'HIPAA', 'health data needs at least one HIPAA control')
  if (given['audit_level'] === undefined || given['audit_level'] === 'none')
    list.add('/compliance/audit_level', 'AUDIT_LEVEL', 'health data needs auditing')
}

function checkHealth({ health_check: check }: Manifest, list: ProblemList): void {
  if (check === undefined) return
  if (!isObject(check)) return list.add('/health_check', 'HEALTH', 'health_check must be an object')
  const { type = 'http', port, path } = check
  if (!(HEALTH_TYPES as readonly Json[]).includes(type))
    list.add('/health_check/type', 'HEALTH', `${JSON.stringify(type)} is no probe`)
  if (port !== undefined && !(Number.isInteger(port) && Number(port) >= 1 && Number(port) <= 65_535))
    list.add('/health_check/port', 'HEALTH', `${JSON.stringify(port)} is no port`)
  if (path !== undefined && (typeof path !== 'string' || !path.startsWith('/')))
    list.add('/health_check/path', 'HEALTH', `${JSON.stringify(path)} is no path`)
}

function checkResources({ resources }: Manifest, list: ProblemList): void {
  if (resources === undefined) return
  if (!isObject(resources)) return list.add('/resources', 'RESOURCES', 'resources must be an object')
  checkRange(resources, 'memory_limit', limits.memoryMbMin, limits.memoryMbMax, list)
  checkRange(resources, 'cpu_limit', limits.cpuMin, limits.cpuMax, list)
}

function checkRange(resources: Manifest, key: string, min: number, max: number, list: ProblemList): void {
  const value = resources[key]
  if (value === undefined) return
  if (typeof value !== 'number' || value < min || value > max)
    list.add(`/resources/${key}`, 'RESOURCES', `${JSON.stringify(value)} is no number from ${min} to ${max}`)
}

function describe(manifest: Manifest): Description {
  const security = manifest['security'] as Manifest
  const compliance = manifest['compliance'] as Manifest | undefined
  const domains = (manifest['allowed_domains'] ?? []) as string[]
  return defined({
    dialect: 'host',
    original: manifest,
    id: manifest['id'] as string,
    name: manifest['name'] as string,
    version: manifest['version'] as string,
    description: manifest['description'] as string | undefined,
    contracts: manifest['contracts'] as string[],
    traits: manifest['traits'] as string[],
    dependencies: Object.fromEntries(((manifest['dependencies'] ?? []) as string[]).map((id) => [id, '*'])),
    permissions: [
      ...domains.map((domain) => ({ capability: `net:connect:${domain}`, reason: 'allowed_domains of the manifest' })),
      ...UNASKABLE.map((capability) => ({
        capability,
        reason: 'this dialect cannot ask: what the operator grants decides',
      })),
    ],
    runtime: { kind: 'remote', endpoints: (manifest['endpoints'] ?? {}) as Record<string, string> },
    security: { authenticationRequired: true, dataClassification: security['data_classification'] as 'pii'[] },
    compliance:
      compliance &&
      defined({
        hipaaControls: compliance['hipaa_controls'] as string[] | undefined,
        auditLevel: compliance['audit_level'] as 'basic' | undefined,
      }),
    health:
      manifest['health_check'] === undefined
        ? undefined
        : { check: describeHealth(manifest['health_check'] as Manifest) },
    resources: manifest['resources'] === undefined ? undefined : describeResources(manifest['resources'] as Manifest),
  }) as Description
}

const describeHealth = (check: Manifest) => ({
  ...defined({
    path: check['path'] as string | undefined,
    port: check['port'] as number | undefined,
    intervalMs: secondsToMs(check['interval']),
    timeoutMs: secondsToMs(check['timeout']),
    expectedStatus: check['expected_code'] as number | undefined,
  }),
  type: (check['type'] ?? 'http') as 'http',
})

const secondsToMs = (value: Json | undefined): number | undefined =>
  typeof value === 'number' ? value * 1000 : undefined

const describeResources = (resources: Manifest) =>
  defined({
    memoryMb: resources['memory_limit'] as number | undefined,
    cpu: resources['cpu_limit'] as number | undefined,
  })
