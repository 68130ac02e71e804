import { html } from "lit";

/** Ingle's mark, as in public/icons/icon.svg: a flame and the paper behind it. */
export const flame = html`<svg viewBox="0 0 24 24" aria-hidden="true">
  <path
    fill="currentColor"
    d="M12.900 1.500c.8 3.900-.9 6.100-2.800 8.200-1.900 2.100-4.100 4.200-4.100 7.300a6 6 0 0 0 12 0c0-2.800-1.100-4.700-2.600-6.300-.3 1.700-1 2.600-2 3.200.5-4.100 1.700-8.500-.5-12.400Z"
  />
  <path
    fill="var(--paper)"
    d="M12 20.800a2.900 2.900 0 0 1-2.900-2.900c0-1.700 1.100-2.700 2.300-4 .2 1.500.9 2.200 1.900 2.600.9.400 1.600 1 1.600 2a2.500 2.500 0 0 1-2.900 2.300Z"
  />
</svg>`;
