import { css } from "lit";

/** How a message looks. */
export const chatMessageStyles = css`
  :host {
    content-visibility: auto;
    contain-intrinsic-size: auto 8rem;
  }
  article {
    max-width: 48.5rem;
    margin: 0 auto;
    padding: 0.6rem 1.25rem;
  }
  .user .plain,
  .user .file {
    width: fit-content;
    max-width: 85%;
    margin-inline-start: auto;
    padding: 0.5rem 0.9rem;
    background: var(--sheet);
    border: 1px solid var(--rule);
    border-radius: 10px;
  }
  pre {
    max-height: 20rem;
    overflow: auto;
    font-size: 0.8125rem;
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }
  :host([found]) article {
    box-shadow: inset 3px 0 var(--ember);
  }
  .plain {
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }
  details {
    margin-bottom: 0.5rem;
  }
  summary {
    cursor: pointer;
    color: var(--ink-soft);
    font-size: 0.875rem;
  }
  details .plain {
    border-inline-start: 2px solid var(--rule);
    padding-inline-start: 0.75rem;
    font-size: 0.875rem;
  }
  .ember {
    display: inline-block;
    inline-size: 0.5rem;
    block-size: 0.5rem;
    border-radius: 50%;
    background: var(--ember);
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    gap: 0 0.15rem;
    align-items: center;
    margin-top: 0.15rem;
    font-size: 0.8125rem;
    color: var(--ink-soft);
  }
  .user .actions {
    justify-content: flex-end;
  }
  .actions > :first-child:is(button.quiet) {
    margin-inline-start: -0.45rem;
  }
  .actions button {
    font-size: inherit;
    min-height: 1.75rem;
    padding: 0.1rem 0.45rem;
  }
  button.quiet {
    border-color: transparent;
    background: none;
    color: var(--ink-soft);
  }
  button.quiet:hover:enabled {
    color: var(--ink);
    border-color: var(--rule);
  }
  button:disabled {
    cursor: default;
    opacity: 0.6;
  }
  .branch {
    white-space: nowrap;
    font-variant-numeric: tabular-nums;
  }
  .stats {
    margin-inline-start: 0.45rem;
    font-variant-numeric: tabular-nums;
  }
`;
