import { messageOf, TenonError, type ErrorCode } from '@tenon/contract'

/** Conditions of PostgreSQL by the beginning of their code, the longest first. */
const CONDITIONS: readonly [code: RegExp, fault: ErrorCode, hint: string][] = [
  [/^XX00[12]$/, 'DATA_FOLDER_CORRUPT', 'Restore the database from a backup.'],
  [/^(08|57P|53300|58)/, 'DATABASE_UNREACHABLE', 'Is the server running, and is TENON_DATABASE_URL right?'],
  [
    /^(28|3D|3F|42501|25006|53|54|55P03|40)/,
    'DATABASE_REFUSED',
    'Give the user of TENON_DATABASE_URL a database of its own, with room.',
  ],
  [/^(E[A-Z_]+)$/, 'DATABASE_UNREACHABLE', 'Is the server running, and is TENON_DATABASE_URL right?'],
]

/** What the client says when it lost its connection; such a fault has no code. */
const LOST =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/

/** A fault of the world as a TenonError that names the database; anything else, such as a constraint, stays as it was thrown. */
function postgresFault(name: string, thrown: unknown): unknown {
  if (!(thrown instanceof Error) || thrown instanceof TenonError) return thrown
  const code = 'code' in thrown ? String(thrown.code) : LOST.test(thrown.message) ? '08' : ''
  const [, fault, hint] = CONDITIONS.find(([condition]) => condition.test(code)) ?? []
  if (fault === undefined) return thrown
  return new TenonError(fault, `${name}: ${messageOf(thrown) || code}`, {
    ...(hint === undefined ? {} : { hint }),
    details: { database: name },
    cause: thrown,
  })
}

/** Runs `work` on a database, naming it in what that throws. */
export async function naming<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (thrown) {
    throw postgresFault(name, thrown)
  }
}
