import { useSyncExternalStore } from 'react'

export type Theme = 'light' | 'dark'

/** Chosen by hand it is remembered; until then it is that of the system. Set before the first paint by theme.js. */
export const theme = (): Theme => (document.documentElement.dataset.theme === 'dark' ? 'dark' : 'light')

export function setTheme(chosen: Theme): void {
  localStorage.setItem('bullion.theme', chosen)
  document.documentElement.dataset.theme = chosen
}

function follow(listener: () => void): () => void {
  const observer = new MutationObserver(listener)
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] })
  return () => observer.disconnect()
}

/** For what is drawn on a canvas, and has to be drawn anew in other colours. */
export const useTheme = (): Theme => useSyncExternalStore(follow, theme)

/** The value of a variable of theme.css, such as `--ink`. */
export const colour = (variable: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(variable).trim()
