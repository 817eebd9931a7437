import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['packages/*/test/**/*.test.ts', 'cases/**/case.ts', 'tools/**/*.test.ts'],
    pool: 'threads',
    isolate: false,
    // One processor is not kept free: tests wait for processes of their own more than they compute.
    maxWorkers: '100%',
    globalSetup: ['packages/testkit/src/test-servers.ts'],
    // On a busy machine a case of many processes takes twice as long as on one that is free.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // Whoever waits for something waits for it also on a busy machine.
    expect: { poll: { timeout: 60_000 } },
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**/*.ts'],
      // The first two run inside a sandbox, from where no count can be brought out, and the servers of a test run in the
      // process that starts its threads, where nothing counts; the tests drive all of it.
      exclude: [
        'packages/sandbox/src/guest.ts',
        'packages/sandbox/src/bridge.ts',
        'packages/testkit/src/postgres-server.ts',
        'packages/testkit/src/test-servers.ts',
      ],
      reporter: ['json', 'html'],
      reportOnFailure: true,
    },
  },
})
