/** Blocks of code: the box, and highlight.js' kinds of text in six colours. */
import { css } from "lit";

export const codeStyles = css`
  :host {
    /* Code's colours: each at least 4.5 to 1 on --sheet and on --paper. */
    --code-keyword: light-dark(#8a2f6b, #e3a1cd);
    --code-string: light-dark(#2b6336, #93cc9e);
    --code-number: light-dark(#a93c17, #f2936a);
    --code-name: light-dark(#23548c, #8fbcec);
    --code-type: light-dark(#75530a, #dcb867);
  }
  .code {
    border: 1px solid var(--rule);
    border-radius: var(--round);
    background: var(--sheet);
  }
  figcaption {
    display: flex;
    flex-wrap: wrap;
    gap: 0 0.75rem;
    align-items: center;
    padding-inline-start: 0.75rem;
    border-bottom: 1px solid var(--rule);
    font-size: 0.8125rem;
    color: var(--ink-soft);
  }
  .language {
    flex: 1;
  }
  .copy {
    font: inherit;
    min-height: 2rem;
    padding: 0 0.75rem;
    border: 0;
    border-radius: var(--round);
    background: none;
    color: inherit;
    text-decoration: underline;
    cursor: pointer;
  }
  .copy:hover {
    color: var(--ink);
  }
  pre {
    padding: 0.75rem;
    overflow-x: auto;
    overflow-wrap: normal;
    tab-size: 4;
    line-height: 1.45;
  }
  pre code {
    font-size: inherit;
  }
  .t-comment,
  .t-quote,
  .t-meta,
  .t-punctuation {
    color: var(--ink-soft);
  }
  .t-keyword,
  .t-selector-tag,
  .t-literal,
  .t-doctag,
  .t-name {
    color: var(--code-keyword);
  }
  .t-string,
  .t-regexp,
  .t-addition,
  .t-char,
  .t-code {
    color: var(--code-string);
  }
  .t-number,
  .t-deletion,
  .t-symbol,
  .t-bullet,
  .t-link {
    color: var(--code-number);
  }
  .t-title,
  .t-section,
  .t-attr,
  .t-attribute,
  .t-selector-id,
  .t-selector-class {
    color: var(--code-name);
  }
  .t-type,
  .t-built_in,
  .t-class,
  .t-variable,
  .t-template-variable {
    color: var(--code-type);
  }
  .t-strong {
    font-weight: 600;
  }
  .t-emphasis {
    font-style: italic;
  }
`;
