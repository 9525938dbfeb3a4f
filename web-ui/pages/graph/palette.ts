import type { Tone } from '../../kit/status.tsx'
import { colour } from '../../shell/theme.ts'

const tones = ['fresh', 'stale', 'missing', 'failed', 'rejected', 'running'] as const satisfies readonly Tone[]

/** The colours of the theme as a canvas takes them; read once a theme, since reading them lays the page out. */
export function paletteOfTheme() {
  const by = (suffix: string) =>
    Object.fromEntries(tones.map((tone) => [tone, colour(`--${tone}${suffix}`)])) as Record<Tone, string>
  return {
    paper: colour('--paper'),
    surface: colour('--surface'),
    sunken: colour('--sunken'),
    line: colour('--line'),
    lineStrong: colour('--line-strong'),
    ink: colour('--ink'),
    inkSoft: colour('--ink-soft'),
    inkFaint: colour('--ink-faint'),
    accent: colour('--accent'),
    accentFill: colour('--accent-fill'),
    focus: colour('--focus'),
    fill: by('-fill'),
    text: by(''),
    bands: {
      outside: colour('--ink-faint'),
      bronze: colour('--bronze'),
      silver: colour('--silver'),
      gold: colour('--gold'),
      other: colour('--ink-faint'),
    },
  }
}
export type Palette = ReturnType<typeof paletteOfTheme>
