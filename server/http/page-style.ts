/** The style of the pages that are no part of the application. */
export const doorStyle = `
:root { color-scheme: light dark; --ink: #1d1b17; --dim: #6b655a; --paper: #f7f6f3; --card: #fff; --sunken: #f1efea; --line: #e4e1d9; --accent: #7a5600; --code: #f1efea; --get: #1f7a4a; --post: #1d5fb8; --focus: #2563c9 }
@media (prefers-color-scheme: dark) { :root { --ink: #efece5; --dim: #a29c90; --paper: #121110; --card: #1a1917; --sunken: #151412; --line: #2e2c29; --accent: #e3b754; --code: #232120; --get: #6fcf9b; --post: #86b8ff; --focus: #7fb0ff } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 14px/1.55 Inter, system-ui, sans-serif }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 1px }
a { color: var(--accent) }
code, pre { font: 12.5px/1.5 "JetBrains Mono", ui-monospace, "SF Mono", Menlo, Consolas, monospace }
pre { background: var(--code); border: 1px solid var(--line); border-radius: 6px; padding: 10px 12px; overflow-x: auto; margin: 8px 0 }
:not(pre) > code { background: var(--code); border-radius: 4px; padding: 1px 5px }
h1 { font-size: 20px; line-height: 1.3; letter-spacing: -.01em; font-weight: 600; margin: 0 0 12px }
.dim { color: var(--dim) }
.brand, .brand a { display: flex; align-items: center; gap: 10px; color: var(--ink); font-size: 16px; font-weight: 600; letter-spacing: -.01em; text-decoration: none }
.brand { margin: 0 0 20px }
.card { max-width: 480px; margin: 16vh auto 0; padding: 28px 32px 20px; background: var(--card); border: 1px solid var(--line); border-radius: 10px }
.docs { display: grid; grid-template-columns: 250px minmax(0, 1fr); max-width: 1240px; min-height: 100vh }
.docs nav { position: sticky; top: 0; align-self: start; height: 100vh; overflow-y: auto; padding: 14px 16px 24px; background: var(--sunken); border-right: 1px solid var(--line); font-size: 13px }
.docs nav h2 { font-size: 12px; font-weight: 600; color: var(--dim); margin: 16px 0 2px; padding: 0 6px }
.docs nav h2::first-letter { text-transform: uppercase }
.docs nav .brand a { display: flex; padding: 0 }
.docs nav .brand a:hover { background: none }
.docs nav ul { list-style: none; margin: 0; padding: 0 }
.docs nav a { color: inherit; text-decoration: none; display: block; padding: 2px 6px; border-radius: 4px }
.docs nav a:hover { background: var(--code) }
.docs main { padding: 24px 32px 80px }
.docs section > h2 { font-size: 16px; font-weight: 600; margin: 36px 0 8px; padding-bottom: 6px; border-bottom: 1px solid var(--line); }
.docs section > h2::first-letter { text-transform: uppercase }
article { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 16px 18px; margin: 14px 0; scroll-margin-top: 12px }
article h3 { font-size: 15px; margin: 0 0 4px; font-weight: 600 }
article h3 .name { float: right; color: var(--dim); font-weight: 400; font-size: 13px; text-decoration: none }
.where { margin: 0 0 8px; overflow-wrap: anywhere }
.method { font: 700 11px/1 ui-monospace, monospace; padding: 3px 6px; border-radius: 4px; border: 1px solid currentColor; margin-right: 6px }
.method.get { color: var(--get) } .method.post { color: var(--post) }
table { border-collapse: collapse; width: 100%; font-size: 13.5px; margin: 8px 0 }
th { text-align: left; color: var(--dim); font-weight: 500 }
th, td { padding: 5px 10px 5px 0; border-bottom: 1px solid var(--line); vertical-align: top }
details { margin: 6px 0 } summary { cursor: pointer; color: var(--accent); font-size: 13.5px }
ul.schema { list-style: none; margin: 2px 0 2px 2px; padding-left: 14px; border-left: 1px solid var(--line); font-size: 13.5px }
ul.schema > li { margin: 2px 0 }
.type { color: var(--dim); font-size: 12.5px }
@media (max-width: 800px) { .docs { grid-template-columns: 1fr } .docs nav { position: static; height: auto; border-right: 0 } .docs main { padding: 8px 16px 60px } }
`
