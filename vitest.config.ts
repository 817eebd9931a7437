import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['packages/*/test/**/*.test.ts', 'cases/**/case.ts', 'tools/**/*.test.ts'],
    pool: 'threads',
    isolate: false,
    globalSetup: ['packages/testkit/src/test-servers.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**/*.ts'],
      // It runs inside a sandbox, from where no count can be brought out; the sandbox's own tests drive all of it.
      exclude: ['packages/sandbox/src/guest.ts'],
      reporter: ['json', 'html'],
      reportOnFailure: true,
    },
  },
})
