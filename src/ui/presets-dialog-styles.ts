import { css } from "lit";
import { field } from "./styles";

/** How the presets' dialog looks. */
export const presetsDialogStyles = css`
  dialog {
    width: min(40rem, 100vw - 2rem);
    max-height: calc(100dvh - 2rem);
    overflow: auto;
    padding: 1.25rem;
    border: 1px solid var(--rule);
    border-radius: 10px;
    background: var(--sheet);
    color: var(--ink);
  }
  dialog::backdrop {
    background: rgb(0 0 0 / 45%);
  }
  ul {
    list-style: none;
    padding: 0;
    margin: 0.75rem 0;
  }
  li,
  .row {
    display: flex;
    flex-wrap: wrap;
    gap: 0.4rem;
    align-items: center;
    padding-block: 0.2rem;
  }
  li > span {
    flex: 1 1 8rem;
    overflow-wrap: anywhere;
  }
  form > input,
  textarea {
    ${field}
    padding: 0.4rem 0.6rem;
    margin-bottom: 0.6rem;
  }
  form {
    margin-top: 0.75rem;
  }
  @media (max-width: 30rem) {
    li > span {
      flex-basis: 100%; /* the buttons together, below it */
    }
  }
  p:empty {
    margin: 0;
  }
`;
