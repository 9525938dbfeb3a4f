import type { OpenApi, Operation, Schema } from './openapi.ts'
import { docsShell, escaped, logo } from './pages.ts'

interface Place {
  readonly method: string
  readonly path: string
  readonly operation: Operation
}

/** The document as a page to read: endpoints by subject, without any script. */
export function docsPage(document: OpenApi, name: string, url: string): string {
  const places = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([method]) => method !== 'head')
      .map(([method, operation]): Place => ({ method, path, operation })),
  )
  const bySubject = [...Map.groupBy(places, ({ operation }) => operation.tags[0] ?? 'other')]
  const links = bySubject.map(
    ([subject, some]) =>
      `<h2>${escaped(subject)}</h2><ul>${some.map(({ operation: { operationId, summary } }) => `<li><a href="#${operationId}" title="${escaped(summary)}">${operationId}</a></li>`).join('')}</ul>`,
  )
  const sections = bySubject.map(
    ([subject, some]) =>
      `<section><h2>${escaped(subject)}</h2>${some.map((place) => article(place, document, url)).join('\n')}</section>`,
  )
  return docsShell(
    'API',
    `<div class="docs">
<nav aria-label="Endpoints"><p class="brand"><a href="/">${logo}Bullion</a></p><a href="#how">How to ask</a>${links.join('')}</nav>
<main>
<h1>The API of ${escaped(name)}</h1>
<section id="how"><p>${marked(document.info.description)}</p>
<p>A script asks with a token, which <code>bullion token</code> prints:</p>
<pre><code>TOKEN=$(npx bullion token)
curl -H "authorization: Bearer $TOKEN" ${url}/api/v1/overview</code></pre>
<p>Whatever is refused is answered as <code>{"error":{"code":…,"message":…,"status":…}}</code>: <code>code</code> is stable and for
programs, <code>message</code> is for people. For machines: <a href="/openapi.json">openapi.json</a>.</p></section>
${sections.join('\n')}
</main>
</div>`,
  )
}

function article({ method, path, operation }: Place, document: OpenApi, url: string): string {
  const { operationId, summary, parameters = [], requestBody, responses } = operation
  const body = requestBody && Object.values(requestBody.content)[0]?.schema
  const answers = Object.entries(responses['200']?.content ?? {})
  const problems = Object.entries(responses).filter(([status]) => status !== '200')
  return `<article id="${operationId}">
<h3>${escaped(summary)} <a class="name" href="#${operationId}">${operationId}</a></h3>
<p class="where"><span class="method ${method}">${method.toUpperCase()}</span><code>${escaped(path)}</code></p>
${parameters.length === 0 ? '' : parameterTable(parameters)}
<pre><code>${escaped(curl(method, url + path, body, document))}</code></pre>
${body ? fold('Body', schemaTree(body, document)) : ''}
${answers.map(([type, { schema }]) => fold(`Answer, ${type}`, schemaTree(schema, document))).join('')}
${fold('Refusals', `<table>${problems.map(([status, { description }]) => `<tr><td>${status}</td><td>${marked(description)}</td></tr>`).join('')}</table>`)}
</article>`
}

const fold = (title: string, body: string): string =>
  body === '' ? '' : `<details><summary>${escaped(title)}</summary>${body}</details>`

const marked = (text: string): string => escaped(text).replace(/`([^`]+)`/g, '<code>$1</code>')

const parameterTable = (parameters: NonNullable<Operation['parameters']>): string =>
  `<table><thead><tr><th>Parameter</th><th>In</th><th>Type</th><th></th></tr></thead><tbody>${parameters
    .map(
      ({ name, in: place, required, schema, description }) =>
        `<tr><td><code>${escaped(name)}</code>${required ? '' : ' <span class="dim">optional</span>'}</td><td>${place}</td><td class="type">${escaped(typeText(schema))}</td><td>${escaped(description ?? schema.description ?? '')}</td></tr>`,
    )
    .join('')}</tbody></table>`

function curl(method: string, place: string, body: Schema | undefined, document: OpenApi): string {
  const url = place.replace(/\{(\w+)\}/g, (_, name: string) => name.toUpperCase())
  if (method === 'get') return `curl -H "authorization: Bearer $TOKEN" '${url}'`
  const given = JSON.stringify(body ? exampleOf(body, document) : {})
  return `curl -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' \\\n  -d '${given}' '${url}'`
}

/** What must be given, as plainly as it goes. */
function exampleOf(schema: Schema, document: OpenApi): unknown {
  const { enum: values, type, properties = {}, required = [] } = resolved(schema, document)
  if (schema.default !== undefined) return schema.default
  if (values) return values[0]
  if (type === 'object') {
    return Object.fromEntries(required.map((name: string) => [name, exampleOf(properties[name], document)]))
  }
  return { integer: 1, number: 1, boolean: true, array: [] }[type as string] ?? '…'
}

const resolved = (schema: Schema, document: OpenApi): Schema =>
  schema.$ref === undefined ? schema : (document.components.schemas[schema.$ref.split('/').at(-1)] ?? {})

/** The properties of a schema, and theirs, as lists that fold. */
function schemaTree(schema: Schema, document: OpenApi, seen: readonly string[] = []): string {
  if (seen.includes(schema.$ref)) return ''
  const inner = [...seen, ...(schema.$ref ? [schema.$ref as string] : [])]
  const whole = resolved(schema, document)
  const next = (one: Schema) => schemaTree(one, document, inner)
  if (whole.items) return next(whole.items)
  const options = (whole.anyOf ?? whole.oneOf) as readonly Schema[] | undefined
  if (options) return options.map(next).join('')
  if (!whole.properties) {
    const each = whole.additionalProperties
    if (each !== null && typeof each === 'object' && Object.keys(each).length > 0) return next(each)
    return `<p class="type">${escaped(typeText(schema))}</p>`
  }
  const items = Object.entries(whole.properties as Record<string, Schema>).map(([name, one]) => {
    const tree = hasMembers(one, document) ? next(one) : ''
    const head = `<code>${escaped(name)}</code> <span class="type">${escaped(typeText(one))}</span> ${marked(one.description ?? '')}`
    return `<li>${tree === '' ? head : `<details><summary>${head}</summary>${tree}</details>`}</li>`
  })
  return `<ul class="schema">${items.join('')}</ul>`
}

function hasMembers(schema: Schema, document: OpenApi): boolean {
  const { properties, items, anyOf, oneOf, additionalProperties } = resolved(schema, document)
  if (properties) return true
  if (items) return hasMembers(items, document)
  if (typeof additionalProperties === 'object') return hasMembers(additionalProperties, document)
  return ((anyOf ?? oneOf ?? []) as readonly Schema[]).some((one) => hasMembers(one, document))
}

function typeText(schema: Schema): string {
  const { $ref, type, items, anyOf, oneOf, enum: values, const: only, additionalProperties } = schema
  if ($ref) return $ref.split('/').at(-1)
  if (values) return values.map((value: unknown) => JSON.stringify(value)).join(' | ')
  if (only !== undefined) return JSON.stringify(only)
  if (anyOf ?? oneOf) return [...new Set((anyOf ?? oneOf).map(typeText))].join(' | ')
  if (type === 'array') return items ? `${typeText(items)}[]` : 'array'
  if (type === 'object' && typeof additionalProperties === 'object')
    return `{ [name]: ${typeText(additionalProperties)} }`
  const bounds = [
    schema.minimum > Number.MIN_SAFE_INTEGER ? `≥ ${schema.minimum}` : '',
    schema.maximum < Number.MAX_SAFE_INTEGER ? `≤ ${schema.maximum}` : '',
    schema.maxLength === undefined ? '' : `≤ ${schema.maxLength} characters`,
    schema.default === undefined ? '' : `default ${JSON.stringify(schema.default)}`,
  ].filter((text) => text !== '')
  return `${type ?? 'any JSON'}${bounds.length === 0 ? '' : ` (${bounds.join(', ')})`}`
}
