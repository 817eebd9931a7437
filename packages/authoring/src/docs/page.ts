import { html, type Html } from './html.ts'

/** A part of a page that its table of contents names. */
export type Section = { id: string; title: string; body: Html; parts?: { id: string; title: string }[] }

// No script and nothing from elsewhere: a browser is told so, too.
const POLICY = "default-src 'none'; style-src 'unsafe-inline'"

const STYLE = `:root{color-scheme:light dark;--ink:#1c2430;--soft:#5b6675;--line:#d8dde4;--paper:#fff;--tint:#f5f7f9;--link:#0b5cad}
@media(prefers-color-scheme:dark){:root{--ink:#e4e8ee;--soft:#9aa5b4;--line:#313a46;--paper:#12161c;--tint:#1a2029;--link:#7ab8f5}}
*{box-sizing:border-box}body{margin:0;font:16px/1.6 system-ui,sans-serif;color:var(--ink);background:var(--paper)}
.page{max-width:72rem;margin:0 auto;padding:2rem 1.5rem;display:grid;grid-template-columns:14rem minmax(0,1fr);gap:3rem}
nav{position:sticky;top:2rem;max-height:calc(100vh - 4rem);overflow:auto;align-self:start;font-size:.9rem}nav ul{list-style:none;margin:0;padding:0}nav ul ul{padding-left:1rem}
a{color:var(--link)}nav a{text-decoration:none}h1{margin:0 0 .25rem;line-height:1.2}h2{margin:2.5rem 0 .75rem;padding-top:1rem;border-top:1px solid var(--line)}
h3{margin:2rem 0 .5rem}.soft{color:var(--soft)}table{border-collapse:collapse;width:100%;font-size:.95rem}
th,td{text-align:left;vertical-align:top;padding:.45rem .75rem .45rem 0;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
pre{background:var(--tint);border:1px solid var(--line);border-radius:6px;padding:.75rem 1rem;overflow:auto;font-size:.85rem;line-height:1.45}
code{font-family:ui-monospace,monospace;font-size:.9em}details{margin:.5rem 0}summary{cursor:pointer}
@media(max-width:48rem){.page{grid-template-columns:minmax(0,1fr);gap:1rem}nav{position:static;max-height:none}}`

/** A whole page, complete in itself. */
export function pageText(title: string, head: Html, sections: readonly Section[], up?: string): string {
  const contents = sections.map(
    ({ id, title: name, parts = [] }) =>
      html`<li><a href="#${id}">${name}</a>${parts.length === 0 ? '' : html`<ul>${parts.map((part) => html`<li><a href="#${part.id}">${part.title}</a></li>`)}</ul>`}</li>\n`,
  )
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>${title}</title>
<style>${{ html: STYLE }}</style>
</head>
<body>
<div class="page">
<nav aria-label="Contents">
${up === undefined ? '' : html`<p><a href="${up}">All plugins</a></p>\n`}<ul>
${contents}</ul>
</nav>
<main>
${head}
${sections.map(({ id, title: name, body }) => html`<section aria-labelledby="${id}">\n<h2 id="${id}">${name}</h2>\n${body}\n</section>\n`)}</main>
</div>
</body>
</html>
`.html
}

export const code = (text: string): Html => html`<code>${text}</code>`

export const block = (text: string): Html => html`<pre><code>${text.trimEnd()}</code></pre>\n`

export const table = (head: readonly string[], rows: readonly (readonly (string | Html)[])[]): Html =>
  html`<table>
<thead><tr>${head.map((cell) => html`<th scope="col">${cell}</th>`)}</tr></thead>
<tbody>
${rows.map((row) => html`<tr>${row.map((cell) => html`<td>${cell}</td>`)}</tr>\n`)}</tbody>
</table>
`
