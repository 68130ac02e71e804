import { css } from "lit";
import { field } from "./styles";

/** How the list of conversations looks. */
export const chatListStyles = css`
  :host {
    height: 100%;
    display: flex;
    flex-direction: column;
    font-size: 0.9375rem;
  }
  .head {
    display: grid;
    gap: 0.5rem;
    padding: 0.75rem;
  }
  input[type="search"] {
    ${field}
    min-height: 2.25rem;
    padding: 0.25rem 0.6rem;
  }
  input::placeholder {
    color: var(--ink-soft);
    opacity: 1;
  }
  .sayings {
    padding-inline: 0.75rem;
    overflow-wrap: anywhere;
  }
  .sayings p {
    margin: 0 0 0.5rem;
  }
  .sayings button {
    min-height: 1.5rem;
    padding-block: 0;
  }
  ul {
    flex: 1;
    min-height: 0;
    overflow-y: auto;
    list-style: none;
    margin: 0;
    padding: 0.3rem 0.4rem; /* room for the ring of what has the focus */
    scroll-padding-block: 0.3rem;
  }
  .none {
    padding: 0 0.5rem;
  }
  .hit {
    display: block;
    width: 100%;
    text-align: start;
    border: 0;
    background: none;
    padding: 0.4rem 0.5rem;
    overflow-wrap: anywhere;
  }
  .hit:hover {
    background: var(--sheet);
  }
  .hit strong,
  .hit span {
    display: block;
  }
  mark {
    background: none;
    color: var(--ember);
    font-weight: 600;
  }
  .foot {
    display: flex;
    flex-wrap: wrap;
    gap: 0 0.5rem;
    padding: 0.4rem 0.75rem;
    border-top: 1px solid var(--rule);
    font-size: 0.875rem;
  }
  .foot button {
    min-height: 2rem;
  }
  @media (max-height: 36rem) {
    .foot button {
      min-height: 1.5rem; /* a low window is the list's */
      padding-block: 0;
    }
  }
`;
