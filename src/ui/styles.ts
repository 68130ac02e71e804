import { css } from "lit";

/** What every element of Ingle shares. */
export const shared = css`
  :host {
    display: block;
  }
  *,
  ::before,
  ::after {
    box-sizing: border-box;
  }
  [hidden] {
    display: none !important;
  }
  h1,
  h2,
  h3 {
    margin: 0;
    line-height: 1.25;
    font-weight: 600;
    text-wrap: balance;
  }
  h1 {
    font-size: 1.6rem;
  }
  h2 {
    font-size: 1.1rem;
  }
  h3 {
    font-size: 1rem;
  }
  p {
    margin: 0.5rem 0 0;
    max-width: 65ch;
  }
  a {
    color: var(--ember);
  }
  :focus-visible {
    outline: 2px solid var(--ember);
    outline-offset: 2px;
    border-radius: 2px;
  }
  .soft {
    color: var(--ink-soft);
  }
  .small {
    font-size: 0.875rem;
  }
  .sheet {
    background: var(--sheet);
    border: 1px solid var(--rule);
    border-radius: 10px;
    padding: 1rem 1.25rem 1.25rem;
  }
  .visually-hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
`;

/** What every field looks like; how large it is its element says. */
export const field = css`
  font: inherit;
  width: 100%;
  border: 1px solid var(--ink-soft);
  border-radius: var(--round);
  background: var(--paper);
  color: var(--ink);
`;

/** Buttons and fields, for the elements that have some. */
export const controls = css`
  button {
    font: inherit;
    min-height: 2.5rem;
    padding: 0.3rem 0.9rem;
    border: 1px solid var(--rule);
    border-radius: var(--round);
    background: var(--sheet);
    color: var(--ink);
    cursor: pointer;
  }
  button:hover {
    border-color: var(--ink-soft);
  }
  button.primary {
    background: var(--ember);
    border-color: var(--ember);
    color: var(--on-ember);
    font-weight: 600;
  }
  button.plain {
    border-color: transparent;
    background: none;
    text-decoration: underline;
    padding-inline: 0.3rem;
  }
  .row {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem;
    align-items: center;
  }
  label {
    display: block;
    font-weight: 600;
    margin-bottom: 0.25rem;
  }
  input[type="text"],
  textarea {
    ${field}
    padding: 0.4rem 0.6rem;
  }
  textarea,
  input.code {
    font-family: var(--mono);
    font-size: 0.875rem;
  }
  .error {
    color: var(--worse);
  }
`;

/** Labelled fields beside each other, as many as there is room for. */
export const fields = css`
  .fields {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr));
    gap: 0.75rem;
    margin-top: 1rem;
    align-items: end;
  }
  .fields select,
  .fields input {
    ${field}
    min-height: 2.5rem;
    padding: 0.3rem 0.6rem;
  }
`;

/**
 * Tables. On a narrow screen those of several columns have each row's name above its cells: a cell that is not laid
 * out as one loses its role in some browsers, so such tables give their roles themselves,
 * and --cells, how many follow the name.
 */
export const tables = css`
  table {
    width: 100%;
    border-collapse: collapse;
    margin-top: 0.5rem;
    font-size: 0.9375rem;
  }
  th,
  td {
    text-align: start;
    vertical-align: top;
    padding: 0.35rem 0.75rem 0.35rem 0;
    border-top: 1px solid var(--rule);
    overflow-wrap: anywhere;
  }
  th {
    font-weight: 400;
    color: var(--ink-soft);
  }
  td {
    font-variant-numeric: tabular-nums;
  }
  @media (max-width: 40rem) {
    .several thead {
      display: block;
    }
    .several tbody {
      display: block;
    }
    .several tr {
      display: grid;
      grid-template-columns: repeat(var(--cells), minmax(0, 1fr));
      border-top: 1px solid var(--rule);
      padding: 0.35rem 0;
    }
    .several th,
    .several td {
      border: 0;
      padding: 0 0.5rem 0 0;
    }
    .several th[role="rowheader"],
    .several th.name {
      grid-area: 1 / 1 / 2 / -1;
      width: auto;
    }
    .several td,
    .several th:not(.name, [role="rowheader"]) {
      grid-row: 2;
    }
  }
`;
