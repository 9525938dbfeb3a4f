/** The style of the pages that are no part of the application. */
export const doorStyle = `
:root { color-scheme: light dark; --ink: #1b1f24; --dim: #5d6673; --paper: #fbfbfa; --card: #fff; --line: #e2e4e8; --accent: #9a6700; --code: #f3f4f6; --get: #0a6b4b; --post: #8a4b08 }
@media (prefers-color-scheme: dark) { :root { --ink: #e7e9ec; --dim: #9aa4b1; --paper: #111418; --card: #181c21; --line: #2b3138; --accent: #e0a93a; --code: #20262d; --get: #5fd0a5; --post: #f0a868 } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.55 system-ui, sans-serif }
a { color: var(--accent) }
code, pre { font: 13px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace }
pre { background: var(--code); border: 1px solid var(--line); border-radius: 6px; padding: 10px 12px; overflow-x: auto; margin: 8px 0 }
:not(pre) > code { background: var(--code); border-radius: 4px; padding: 1px 5px }
h1 { font-size: 22px; line-height: 1.3; margin: 0 0 12px }
.dim { color: var(--dim) }
.brand { color: var(--accent); font-weight: 700; letter-spacing: .02em; margin: 0 0 4px }
.card { max-width: 480px; margin: 14vh auto 0; padding: 28px 32px; background: var(--card); border: 1px solid var(--line); border-radius: 10px }
.docs { display: grid; grid-template-columns: 250px minmax(0, 1fr); max-width: 1240px; margin: 0 auto }
.docs nav { position: sticky; top: 0; align-self: start; height: 100vh; overflow-y: auto; padding: 24px 16px; border-right: 1px solid var(--line); font-size: 13px }
.docs nav h2 { font-size: 12px; text-transform: uppercase; letter-spacing: .06em; color: var(--dim); margin: 18px 0 4px }
.docs nav ul { list-style: none; margin: 0; padding: 0 }
.docs nav a { color: inherit; text-decoration: none; display: block; padding: 2px 6px; border-radius: 4px }
.docs nav a:hover { background: var(--code) }
.docs main { padding: 24px 32px 80px }
.docs section > h2 { font-size: 19px; margin: 40px 0 8px; padding-bottom: 6px; border-bottom: 1px solid var(--line); text-transform: capitalize }
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
