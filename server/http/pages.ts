/** The few pages that are no part of the application: they need no script. */

const page = (title: string, body: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Bullion</title>
<link rel="stylesheet" href="/door.css">
</head>
<body>
${body}
</body>
</html>
`

export const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)

/** The name of the product is beside it. */
export const logo = '<img src="/favicon.svg" alt="" width="26" height="26">'

const card = (title: string, body: string): string =>
  page(title, `<main class="card"><p class="brand">${logo}Bullion</p><h1>${title}</h1>${body}</main>`)

export const loginPage = (isRefused: boolean): string =>
  card(
    isRefused ? 'This link does not open the door' : 'Who is there?',
    `${isRefused ? '<p>A link opens it once, within ten minutes, and only while the server that it was made for runs.</p>' : '<p>This page is for people of this machine. A link lets a browser in.</p>'}
<p>In a terminal, in the folder where the server was started, run</p>
<pre><code>bullion link</code></pre>
<p>and open what it prints. In a checkout of the repository it is <code>npx bullion link</code>.</p>
<p class="dim">Scripts send a token instead: <code>bullion token</code> prints one.</p>`,
  )

export const unbuiltPage: string = card(
  'The pages are not built yet',
  `<p>The server runs, and so does its API. To build the pages, run</p>
<pre><code>npm run build:web</code></pre>
<p>and load this page again.</p>
<p>Meanwhile: <a href="/docs">the documentation of the API</a>.</p>`,
)

/** Goes on to the login as a page of ours, so that the browser brings its cookie along, if it has one. */
export const continuePage = (login: string): string =>
  card(
    'One moment',
    `<meta http-equiv="refresh" content="0;url=${escaped(login)}"><p><a href="${escaped(login)}">Go on</a></p>`,
  )

export const docsShell = (title: string, body: string): string => page(title, body)
