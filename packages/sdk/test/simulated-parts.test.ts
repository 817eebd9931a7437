import { definePlugin, type Plugin } from '@tenon/sdk'
import { testPlugin } from '@tenon/sdk/testing'
import { partSuite, READER, SOURCE, type PartOperations } from '@tenon/testkit'

const pluginOf = (operations: PartOperations): Plugin => definePlugin({ operations })

partSuite(async () => {
  const source = testPlugin(pluginOf(SOURCE))
  const reader = testPlugin(pluginOf(READER), {
    calls: {
      'source/count': (input) => source.stream('count', input),
      'source/tear': (input) => source.stream('tear', input),
    },
  })
  const plugins = { source, reader }
  return {
    call: (plugin, operation, input) => plugins[plugin].call(operation, input),
    stream: (plugin, operation, input) => plugins[plugin].stream(operation, input),
  }
})
