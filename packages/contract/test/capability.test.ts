import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  CAPABILITY_ACTIONS,
  capabilityFault,
  covers,
  decide,
  parseCapability,
  printCapability,
  refuse,
  TenonError,
} from '@tenon/contract'

const faultOf = (text: string): string | undefined => capabilityFault(text)
const covered = (pattern: string, concrete: string): boolean =>
  covers(parseCapability(pattern), parseCapability(concrete))

describe('the grammar', () => {
  test.each([
    'fs:read:/data',
    'fs:read:/**',
    'fs:write:${workspace}/docs/**',
    'net:connect:api.example.org',
    'net:connect:*.example.org:8443',
    'exec:run:/usr/bin/git',
    'env:read:HOME',
    'config:read',
    'storage:kv',
    'storage:secrets',
    'storage:kv:read:id-mint',
    'event:publish:plugin.id-mint.minted',
    'event:subscribe:plugin.**',
    'service:provide:telemetry',
    'service:call:id-mint/next',
    'operator:call:*/mint',
  ])('accepts %s and prints it back', (text) => {
    expect(printCapability(parseCapability(text))).toBe(text)
  })

  test.each([
    ['fs:read', 'needs a target'],
    ['fs:delete:/x', 'no action'],
    ['fs:read:data', 'absolute'],
    ['fs:read:/a/../b', '".."'],
    ['fs:read:/a/*/b', 'wildcard'],
    ['fs:read:/a\n  and all else', 'control character'],
    ['exec:run:/a\u2028b', 'control character'],
    ['fs:read:/a\0', 'control character'],
    ['fs:read:${home}/a', 'variable'],
    ['fs:read:${workspace}x', 'variable'],
    ['net:connect:10.0.0.1', 'address'],
    ['net:connect:0x7f.1', 'address'],
    ['net:connect:a b.org', 'malformed'],
    ['net:connect:a*.org', 'malformed'],
    ['net:connect:a.org:0', 'port'],
    ['net:connect:a.org:1:2', 'host'],
    ['exec:run:git', 'absolute'],
    ['exec:run:/usr/bin/**', 'wildcard'],
    ['env:read:1A', 'malformed'],
    ['env:read:TENON_MASTER_KEY', 'shown to no plugin'],
    ['env:read:Tenon_Token', 'shown to no plugin'],
    ['storage:kv:read:a/b', 'one segment'],
    ['service:call:id-mint', 'two segments'],
    ['operator:call:a*/b', 'malformed'],
    ['event:publish:a..b', 'malformed'],
    ['event:publish:a b', 'malformed'],
    [`event:publish:${'a.'.repeat(70)}a`, 'longer'],
    [`net:connect:${'a.'.repeat(130)}a`, 'longer'],
    ['config:read:x', 'takes no target'],
    ['', 'no action'],
    ['constructor', 'no action'],
    ['toString:a:b:c', 'no action'],
    ['fs:read:', 'absolute'],
    ['fs:read://a', '".."'],
    ['net:connect:a.org:65536', 'port'],
    ['net:connect:', 'malformed'],
  ])('refuses %j', (text, why) => {
    expect(faultOf(text)).toContain(why)
  })

  test('a refused capability is named with the actions there are', () => {
    expect(() => parseCapability('net:listen:80')).toThrow(
      expect.objectContaining({ code: 'CAPABILITY_INVALID', message: expect.stringContaining('net:listen:80') }),
    )
    expect(CAPABILITY_ACTIONS).toContain('operator:call')
  })
})

describe('covering', () => {
  test.each([
    ['fs:read:/a/**', 'fs:read:/a/b/c', true],
    ['fs:read:/a/**', 'fs:read:/a', true],
    ['fs:read:/a/**', 'fs:read:/ab', false],
    ['fs:read:/a', 'fs:read:/a/b', false],
    ['fs:read:/**', 'fs:read:/etc', true],
    ['fs:read:/a/**', 'fs:write:/a/b', false],
    ['net:connect:a.org', 'net:connect:a.org:443', true],
    ['net:connect:a.org', 'net:connect:a.org:80', false],
    ['net:connect:A.org', 'net:connect:a.ORG', true],
    ['net:connect:*.org', 'net:connect:a.b.org', false],
    ['net:connect:**.org', 'net:connect:a.b.org', true],
    ['net:connect:**.org', 'net:connect:org', false],
    ['event:publish:plugin.*.x', 'event:publish:plugin.a.x', true],
    ['service:call:*/next', 'service:call:a/next', true],
    ['service:call:a/*', 'service:call:b/next', false],
    ['storage:kv', 'storage:kv', true],
    ['exec:run:/bin/a', 'exec:run:/bin/a', true],
    ['exec:run:/bin/a', 'exec:run:/bin/b', false],
    ['event:subscribe:*.x', 'event:subscribe:*.x', true],
    ['event:subscribe:*.x', 'event:subscribe:**.x', false],
    ['event:subscribe:**.x', 'event:subscribe:*.x', true],
    ['event:subscribe:plugin.*', 'event:subscribe:plugin.**', false],
    ['event:subscribe:plugin.**', 'event:subscribe:plugin.**', true],
    ['operator:call:a/*', 'operator:call:*/*', false],
    ['fs:read:/a/**', 'fs:read:/a/b/**', true],
    ['fs:read:/a/b', 'fs:read:/a/**', false],
  ])('%s over %s is %s', (pattern, concrete, expected) => {
    expect(covered(pattern, concrete)).toBe(expected)
  })

  test.each([
    [{ action: 'fs:read' }, { action: 'fs:read', target: '/a' }],
    [{ action: 'fs:read', target: '/a' }, { action: 'fs:read' }],
    [
      { action: 'constructor', target: 'a' },
      { action: 'constructor', target: 'a' },
    ],
  ])('%j covers nothing, as it is no capability', (pattern, concrete) => {
    expect(covers(pattern, concrete)).toBe(false)
  })

  test('a pattern full of ** is matched at once', () => {
    const pattern = { action: 'event:publish', target: `${'**.'.repeat(30)}x` }
    expect(covers(pattern, { action: 'event:publish', target: `${'a.'.repeat(60)}a` })).toBe(false)
  })

  test('a pattern that covers another covers all that the other covers', () => {
    const pattern = fc.array(fc.constantFrom('a', 'b', '*', '**'), { minLength: 1, maxLength: 4 })
    const labels = fc.array(fc.constantFrom('a', 'b'), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(pattern, pattern, labels, (wide, narrow, concrete) => {
        const [outer, inner, one] = [wide, narrow, concrete].map((parts) => `event:publish:${parts.join('.')}`)
        if (covered(`${outer}`, `${inner}`) && covered(`${inner}`, `${one}`))
          expect(covered(`${outer}`, `${one}`)).toBe(true)
      }),
      { numRuns: 5000 },
    )
  })

  /** Wildcards spelled out as a regular expression: slow, and plainly what the grammar says. */
  const slowTwin = (pattern: string, labels: string): boolean =>
    new RegExp(
      `^${pattern
        .split('.')
        .map((label) => (label === '**' ? '[^.]+(\\.[^.]+)*' : label === '*' ? '[^.]+' : label))
        .join('\\.')}$`,
    ).test(labels)

  test('agrees with its slow twin on random labels', () => {
    const label = fc.constantFrom('a', 'b', 'c')
    const patternLabel = fc.oneof(label, fc.constantFrom('*', '**'))
    fc.assert(
      fc.property(
        fc.array(patternLabel, { minLength: 1, maxLength: 5 }),
        fc.array(label, { minLength: 1, maxLength: 6 }),
        (pattern, concrete) => {
          const [left, right] = [pattern.join('.'), concrete.join('.')]
          expect(covered(`event:publish:${left}`, `event:publish:${right}`)).toBe(slowTwin(left, right))
        },
      ),
      { numRuns: 2000 },
    )
  })
})

describe('decide', () => {
  const capability = fc
    .tuple(
      fc.constantFrom('fs:read', 'fs:write'),
      fc.array(fc.constantFrom('a', 'b'), { minLength: 1, maxLength: 3 }),
      fc.boolean(),
    )
    .map(([action, parts, tree]) => parseCapability(`${action}:/${parts.join('/')}${tree ? '/**' : ''}`))
  const concrete = fc
    .tuple(fc.constantFrom('fs:read', 'fs:write'), fc.array(fc.constantFrom('a', 'b'), { minLength: 1, maxLength: 4 }))
    .map(([action, parts]) => ({ action, target: `/${parts.join('/')}` }))

  test('allows exactly what is both asked and granted', () => {
    fc.assert(
      fc.property(fc.array(capability), fc.array(capability), concrete, (asked, granted, wanted) => {
        const inAsked = asked.some((one) => covers(one, wanted))
        const inGranted = granted.some((one) => covers(one, wanted))
        expect(decide(asked, granted, wanted).allowed).toBe(inAsked && inGranted)
      }),
    )
  })

  test('says which of the two is missing', () => {
    const wanted = parseCapability('storage:kv')
    expect(decide([], [wanted], wanted)).toEqual({ allowed: false, reason: 'not-asked' })
    expect(decide([wanted], [], wanted)).toEqual({ allowed: false, reason: 'not-granted' })
  })

  test('more grants never forbid', () => {
    fc.assert(
      fc.property(fc.array(capability), fc.array(capability), capability, concrete, (asked, granted, more, wanted) => {
        if (decide(asked, granted, wanted).allowed) expect(decide(asked, [...granted, more], wanted).allowed).toBe(true)
      }),
    )
  })

  test('a refusal names the capability', () => {
    expect(() => refuse(parseCapability('net:connect:a.org'), 'not-granted')).toThrow(TenonError)
    expect(() => refuse(parseCapability('net:connect:a.org'), 'not-granted')).toThrow(
      expect.objectContaining({
        code: 'PERMISSION_DENIED',
        details: { capability: 'net:connect:a.org', reason: 'not-granted' },
      }),
    )
  })
})
