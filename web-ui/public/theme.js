// Before the first paint, so that nobody who works in the dark is dazzled.
const chosen = localStorage.getItem('bullion.theme')
const isDark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
document.documentElement.dataset.theme = isDark ? 'dark' : 'light'
