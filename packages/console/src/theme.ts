import {
  createTheme,
  type CSSVariablesResolver,
  defaultVariantColorsResolver,
  type MantineColorsTuple,
} from '@mantine/core'

/** Paper to ink. Hues are kept for the state of things; whatever is only there stays in these greys. */
const stone: MantineColorsTuple = [
  '#faf9f7',
  '#f4f2ee',
  '#e9e6e0',
  '#dcd7cf',
  '#c3bcb1',
  '#938b80',
  '#6a635a',
  '#4b453e',
  '#332f2a',
  '#221f1b',
]

const night: MantineColorsTuple = [
  '#ece8e1',
  '#cfc9bf',
  '#a59d92',
  '#857d73',
  '#4a453f',
  '#35312d',
  '#272421',
  '#1f1d1a',
  '#191715',
  '#131110',
]

export const theme = createTheme({
  primaryColor: 'stone',
  primaryShade: { light: 9, dark: 0 },
  colors: { stone, gray: stone, dark: night },
  black: '#221f1b',
  defaultRadius: 'sm',
  respectReducedMotion: true,
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace',
  headings: { fontWeight: '620' },
  variantColorResolver: (input) => {
    const colors = defaultVariantColorsResolver(input)
    return input.variant === 'filled' ? { ...colors, color: 'var(--mantine-primary-color-contrast)' } : colors
  },
})

/** What differs from Mantine's own reading of the theme; the values stand in look.css. */
export const themeVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: { ...SHARED, '--mantine-primary-color-contrast': '#ffffff' },
  dark: { ...SHARED, '--mantine-primary-color-contrast': '#1b1917' },
})

const SHARED = {
  '--mantine-color-body': 'var(--paper)',
  '--mantine-color-text': 'var(--ink)',
  '--mantine-color-dimmed': 'var(--dim)',
  '--mantine-color-placeholder': 'var(--dim)',
  '--mantine-color-error': 'var(--bad)',
  '--mantine-color-anchor': 'var(--link)',
}
