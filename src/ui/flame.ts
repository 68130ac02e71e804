import { svg } from "lit";

/** Ingle's mark, as in public/icons/icon.svg: a flame in one line of ember. */
export const flame = svg`<svg viewBox="0 0 24 24" aria-hidden="true">
  <path fill="currentColor" d="M12.6 2c.7 3.4-.7 5.3-2.4 7.2C8.400 11.200 6.500 13 6.500 16a5.600 5.600 0 0 0 11.200 0c0-2.300-1-4.200-2.200-5.700-.3 1.500-.9 2.500-2 3.100.6-3.900.9-8.300-.9-11.400Zm-.4 18.100a2.600 2.600 0 0 1-2.600-2.600c0-1.400.8-2.300 1.800-3.300.3 1.300 1 1.900 1.900 2.100.7.300 1.500.600 1.500 1.600a2.400 2.400 0 0 1-2.600 2.200Z"/>
</svg>`;
