import { Problem, type Fault } from './problem.ts'

export type UserInput = { username: string; email: string; department?: string; manager?: string; traits: string[] }

type Check = { expects: string; holds: (value: unknown) => boolean; required?: true }

const text =
  (pattern: RegExp) =>
  (value: unknown): boolean =>
    typeof value === 'string' && pattern.test(value)

const isTrait = text(/^[a-z0-9][a-z0-9_.-]{0,63}$/)

const CHECKS: Record<keyof UserInput, Check> = {
  username: {
    expects: 'up to 64 letters, digits, dots, hyphens and underscores',
    holds: text(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/),
    required: true,
  },
  email: {
    expects: 'an address of up to 254 characters',
    holds: text(/^(?=.{1,254}$)[^\s@]+@[^\s@]+\.[^\s@]+$/),
    required: true,
  },
  department: { expects: 'a text of 1 to 128 characters', holds: text(/^.{1,128}$/s) },
  manager: { expects: 'the id of a user', holds: text(/^.{1,64}$/s) },
  traits: {
    expects: 'a list of up to 32 different traits such as "viewer"',
    holds: (value) =>
      Array.isArray(value) && value.length <= 32 && value.every(isTrait) && new Set(value).size === value.length,
  },
}

/** The user that was sent, or a problem that names every fault. */
export function readUser(value: unknown): UserInput {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Problem(400, 'USER_INVALID', 'the body must be an object')
  const given = value as Record<string, unknown>
  const faults = [
    ...unknownKeys(given),
    ...Object.entries(CHECKS).flatMap(([key, check]) => faultOf(given, key, check)),
  ]
  if (faults.length > 0)
    throw new Problem(
      400,
      'USER_INVALID',
      faults.map(({ pointer, message }) => `${pointer} ${message}`).join('; '),
      faults,
    )
  // Every key was checked just now.
  return { traits: [], ...given } as unknown as UserInput
}

const unknownKeys = (given: Record<string, unknown>): Fault[] =>
  Object.keys(given)
    .filter((key) => !Object.hasOwn(CHECKS, key))
    .map((key) => ({ pointer: `/${key}`, message: 'is not known' }))

function faultOf(given: Record<string, unknown>, key: string, { expects, holds, required }: Check): Fault[] {
  if (!Object.hasOwn(given, key)) return required === true ? [{ pointer: `/${key}`, message: 'is missing' }] : []
  return holds(given[key]) ? [] : [{ pointer: `/${key}`, message: `must be ${expects}` }]
}
