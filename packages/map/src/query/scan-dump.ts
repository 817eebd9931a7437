import { jsonValue, messageOf, TenonError } from '@tenon/contract'
import { validatorOf } from '@tenon/contract/schema'
import { scanResultSchema, type ScanResult } from '../graph-schema.ts'

const results = validatorOf(scanResultSchema)

/**
 * Reads what `sm scan --json` printed; `what` names it. Throws SCAN_DUMP_INVALID with everything that does not fit. It is
 * read as lenient as JSON is, because front matter may hold numbers and texts that our own documents may not.
 */
export function readScanDump(text: string, what: string): ScanResult {
  const value = parsed(text, what)
  if (results.is(value)) return value
  const problems = results.problems(value)
  throw new TenonError('SCAN_DUMP_INVALID', `${what} is no result of a scan: ${problems.length} problem(s)`, {
    hint: 'Make one with: sm scan --json',
    problems,
  })
}

function parsed(text: string, what: string): unknown {
  try {
    return jsonValue(text)
  } catch (thrown) {
    throw new TenonError('SCAN_DUMP_INVALID', `${what} is no JSON: ${messageOf(thrown)}`, {
      hint: 'Make one with: sm scan --json',
      cause: thrown,
    })
  }
}
