/** Whether the tests were told to do without a program that they would need. */
export const isWithout = (program: string): boolean =>
  (process.env['TENON_TEST_WITHOUT'] ?? '').split(',').includes(program)
