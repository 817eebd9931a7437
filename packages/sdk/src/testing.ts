export { testPlugin, type PluginUnderTest, type Surroundings } from './simulated-host.ts'
