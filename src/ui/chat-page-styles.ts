import { css } from "lit";

/** How the chat stands on the page: the list beside it, or above it where there is no room. */
export const chatPageStyles = css`
  :host {
    display: flex;
    height: 100%;
  }
  @media (max-width: 59.99rem) {
    :host {
      flex-direction: column;
    }
  }
  section {
    flex: 1;
    min-width: 0;
    min-height: 0;
    display: flex;
    flex-direction: column;
  }
  chat-log {
    flex: 1;
    border-top: 1px solid var(--rule);
  }
  .column {
    width: 100%;
    max-width: 48.5rem;
    margin: 0 auto;
    padding: 0.5rem 1.25rem;
  }
  .first .top {
    margin-top: auto;
    padding-bottom: 0;
  }
  .first .top chat-model {
    margin-top: 1rem;
  }
  @media (max-height: 42rem) {
    .first h1 {
      font-size: 1.25rem;
    }
    .first .top chat-model {
      margin-top: 0.5rem;
    }
  }
  .first chat-log {
    flex: 0;
    border: 0;
  }
  .first .bottom {
    margin-bottom: auto;
  }
  .bottom p:empty {
    margin: 0;
  }
  .bottom p {
    margin: 0 0 0.3rem;
    max-width: none;
  }
  .bottom button.plain {
    min-height: 1.75rem;
  }
`;
