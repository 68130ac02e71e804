/** Whether this is `npm run test:full`, which takes what is too long for every run. */
export const isFull = process.env["INGLE_FULL"] === "1";
