export type Fault = { pointer: string; message: string }

/** An answer that says what went wrong, as application/problem+json. */
export class Problem extends Error {
  readonly status: number
  readonly code: string
  readonly faults: Fault[]

  constructor(status: number, code: string, message: string, faults: Fault[] = []) {
    super(message)
    this.status = status
    this.code = code
    this.faults = faults
  }

  body(): object {
    return {
      type: `urn:user-management:error:${this.code}`,
      title: this.code.replaceAll('_', ' ').toLowerCase(),
      status: this.status,
      detail: this.message,
      code: this.code,
      ...(this.faults.length === 0 ? {} : { errors: this.faults }),
    }
  }
}
