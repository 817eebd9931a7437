import {
  convertCssVariables,
  deepMerge,
  DEFAULT_THEME,
  defaultCssVariablesResolver,
  mergeMantineTheme,
} from '@mantine/core'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'
import { theme, themeVariables } from './src/theme.ts'

const THEME_CSS = 'virtual:theme.css'

/** The host's page policy forbids inline styles, so what Mantine would write into the page at run time is written at build time. */
function themeStyles(): Plugin {
  return {
    name: 'theme-styles',
    resolveId: (id) => (id === THEME_CSS ? `\0${THEME_CSS}` : undefined),
    load(id) {
      if (id !== `\0${THEME_CSS}`) return undefined
      const whole = mergeMantineTheme(DEFAULT_THEME, theme)
      return convertCssVariables(deepMerge(defaultCssVariablesResolver(whole), themeVariables(whole)), ':root')
    },
  }
}

export default defineConfig({
  base: '/ui/',
  plugins: [react(), themeStyles()],
  worker: { format: 'es' },
  build: {
    // The first of each that knows light-dark(), nesting and Promise.withResolvers.
    target: ['chrome123', 'firefox121', 'safari17.5'],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
})
