// Before the first paint: light or dark, as chosen last, so that nobody is dazzled by a white flash. A file of its own because the
// content-security policy allows no inline scripts.
;(() => {
  let chosen = 'auto'
  try {
    chosen = localStorage.getItem('troupe-color-scheme') ?? 'auto'
  } catch {
    // Storage is forbidden: follow the system.
  }
  const dark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light')
})()
