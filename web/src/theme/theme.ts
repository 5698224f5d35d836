// The look: palette, type scale and defaults of components. Shade 8 of every filled colour carries white text at 4.5:1 or better; colours
// that mean something (ok, failed ...) are variables of their own in tokens.css, so that no page picks a green by itself.

import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core'

const cobalt: MantineColorsTuple = [
  '#eef3ff',
  '#dde7fc',
  '#bacdf5',
  '#94b1ee',
  '#7199e8',
  '#5785e0',
  '#4273d6',
  '#3565c4',
  '#2b57b0',
  '#20468f',
]
const gray: MantineColorsTuple = [
  '#f7f8fa',
  '#eff1f5',
  '#e3e7ed',
  '#d0d6df',
  '#b4bdc9',
  '#8b96a6',
  '#596577',
  '#465164',
  '#323c4b',
  '#1b232f',
]
const dark: MantineColorsTuple = [
  '#d7dde6',
  '#b7c0cd',
  '#96a1b1',
  '#677385',
  '#3d4757',
  '#303947',
  '#222a35',
  '#181e27',
  '#11161d',
  '#0b0f14',
]
const red: MantineColorsTuple = [
  '#fdeeec',
  '#f9dcd9',
  '#f1b6b0',
  '#ea8d84',
  '#e46a5e',
  '#dd5347',
  '#d0443a',
  '#bd362d',
  '#a92c24',
  '#86211b',
]
const green: MantineColorsTuple = [
  '#e9f7ef',
  '#d5eedf',
  '#aadcc0',
  '#7cc99e',
  '#56b981',
  '#3ca66d',
  '#2c9460',
  '#228152',
  '#1a6e45',
  '#125535',
]

const yellow: MantineColorsTuple = [
  '#fff6dc',
  '#fcecc0',
  '#f8dc93',
  '#f2c962',
  '#e8b63c',
  '#d9a322',
  '#bd8a10',
  '#996d06',
  '#7a5602',
  '#5f4300',
]

const DIALOG = {
  overlayProps: { backgroundOpacity: 0.45 },
  closeButtonProps: { 'aria-label': 'Close' },
  // Nothing scrolls behind it, and locking would make a style sheet without our nonce.
  lockScroll: false,
  // The element is called header; it is not the header of the page.
  attributes: { header: { role: 'presentation' } },
  styles: { title: { fontSize: '1rem', fontWeight: 600 } },
}

/** The list itself scrolls, not a box within it, which no key would reach. */
const SUGGESTIONS = { withScrollArea: false, classNames: { options: 'suggestions' } }

export const theme = createTheme({
  colors: { cobalt, gray, dark, red, green, yellow },
  primaryColor: 'cobalt',
  primaryShade: { light: 8, dark: 8 },
  autoContrast: true,
  luminanceThreshold: 0.32,
  black: '#1b232f',
  // System fonts only: nothing is loaded from anywhere.
  fontFamily:
    '-apple-system, BlinkMacSystemFont, "Segoe UI Variable Text", "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial, sans-serif',
  fontFamilyMonospace:
    'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", "DejaVu Sans Mono", monospace',
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.125rem' },
  lineHeights: { xs: '1.4', sm: '1.45', md: '1.5', lg: '1.5', xl: '1.5' },
  spacing: { xs: '0.5rem', sm: '0.75rem', md: '1rem', lg: '1.5rem', xl: '2rem' },
  radius: { xs: '3px', sm: '5px', md: '7px', lg: '10px', xl: '16px' },
  defaultRadius: 'sm',
  cursorType: 'pointer',
  respectReducedMotion: true,
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '1.375rem', lineHeight: '1.3' },
      h2: { fontSize: '1.0625rem', lineHeight: '1.35' },
      h3: { fontSize: '0.9375rem', lineHeight: '1.4' },
      h4: { fontSize: '0.875rem', lineHeight: '1.45' },
    },
  },
  components: {
    Button: { defaultProps: { size: 'sm' } },
    TextInput: { defaultProps: { size: 'sm' } },
    Textarea: { defaultProps: { size: 'sm' } },
    NumberInput: { defaultProps: { size: 'sm' } },
    PasswordInput: { defaultProps: { size: 'sm' } },
    Select: { defaultProps: { size: 'sm', ...SUGGESTIONS } },
    Autocomplete: { defaultProps: SUGGESTIONS },
    TagsInput: { defaultProps: SUGGESTIONS },
    Notification: { defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } },
    Table: { defaultProps: { verticalSpacing: 8, horizontalSpacing: 12 } },
    Modal: { defaultProps: { ...DIALOG, centered: true } },
    Drawer: { defaultProps: DIALOG },
    Tooltip: { defaultProps: { openDelay: 350, withArrow: true, maw: 360, multiline: true } },
    Loader: { defaultProps: { type: 'dots' } },
  },
})

/** Where Mantine's own variables fall short of 4.5:1. */
export const resolveVariables: CSSVariablesResolver = () => ({
  variables: { '--mantine-line-height': '1.5' },
  light: {
    '--mantine-color-dimmed': '#596577',
    '--mantine-color-placeholder': '#677284',
    '--mantine-color-anchor': '#24509f',
    '--mantine-color-error': '#a3241c',
    '--mantine-color-default-border': '#c6cdd7',
  },
  dark: {
    '--mantine-color-dimmed': '#9ba6b6',
    '--mantine-color-placeholder': '#8a95a6',
    '--mantine-color-anchor': '#9dbbf3',
    '--mantine-color-error': '#f19a92',
    '--mantine-color-default-border': '#3d4757',
  },
})
