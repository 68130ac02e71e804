/** How a message looks. Whatever is wider than the page scrolls inside itself. */
import { css } from "lit";

export const messageStyles = css`
  :host {
    min-width: 0;
    overflow-wrap: anywhere;
  }
  .plain {
    white-space: pre-wrap;
  }
  .block {
    max-width: 100%;
    overflow-x: clip; /* what a formula hangs out by */
    overflow-clip-margin: 4px; /* for the outline of what has the focus */
  }
  .block + .block {
    margin-top: 0.75rem;
  }
  .blocks:not(:empty) + .plain {
    margin-top: 0.75rem;
  }
  p,
  ul,
  ol,
  blockquote,
  figure,
  pre {
    margin: 0;
    max-width: none;
  }
  .block > * + *,
  li > * + *,
  blockquote > * + * {
    margin-top: 0.75rem;
  }
  li > :is(ul, ol) {
    margin-top: 0.25rem;
  }
  li > .code {
    margin-block: 0.5rem;
  }
  p,
  li,
  h2,
  td,
  th {
    unicode-bidi: plaintext;
    text-align: start;
  }
  ul,
  ol {
    padding-inline-start: 1.75em;
  }
  li + li {
    margin-top: 0.25rem;
  }
  li.task {
    list-style: none;
  }
  li.task .mark {
    display: inline-block;
    width: 1.35em;
    margin-inline-start: -1.35em;
  }
  blockquote {
    padding-inline-start: 1rem;
    border-inline-start: 3px solid var(--rule);
    color: var(--ink-soft);
  }
  h2 {
    font-size: 1.05rem;
  }
  .rank-1 {
    font-size: 1.3rem;
  }
  .rank-2 {
    font-size: 1.15rem;
  }
  .block + .block > h2 {
    margin-top: 1.25rem;
  }
  hr {
    border: 0;
    border-top: 1px solid var(--rule);
  }
  mark {
    background: var(--rule);
    color: inherit;
  }
  kbd {
    font-family: var(--mono);
    font-size: 0.875em;
    padding: 0.05em 0.35em;
    border: 1px solid var(--rule);
    border-radius: 4px;
  }

  .away::after {
    content: "\\2197";
    content: "\\2197" / "";
    font-size: 0.8em;
    margin-inline-start: 0.15em;
  }
  .host {
    font-size: 0.875em;
    color: var(--ink-soft);
  }
  .host::before {
    content: "(";
  }
  .host::after {
    content: ")";
  }

  code,
  pre {
    font-family: var(--mono);
    font-size: 0.875em;
  }
  :not(pre) > code {
    padding: 0.1em 0.3em;
    border-radius: 4px;
    background: color-mix(in srgb, var(--ink) 7%, transparent);
  }
  .raw {
    white-space: pre-wrap;
    font-family: var(--mono);
    font-size: 0.875em;
  }
  .table {
    overflow-x: auto;
    max-width: 100%;
  }
  table {
    border-collapse: collapse;
    font-size: 0.9375rem;
  }
  th,
  td {
    padding: 0.35rem 0.75rem;
    border: 1px solid var(--rule);
    vertical-align: top;
    overflow-wrap: normal;
    min-width: 4rem;
    max-width: 24rem;
  }
  th {
    font-weight: 600;
    background: color-mix(in srgb, var(--ink) 5%, transparent);
  }
  .left {
    text-align: left;
  }
  .center {
    text-align: center;
  }
  .right {
    text-align: right;
  }
`;
