/** Where the server of this worker answers; `scripts/e2e` starts one for each, so that tests never meet in a queue. */
export const address =
  process.env.LIANZHEN_URLS?.split(" ")[Number(process.env.TEST_PARALLEL_INDEX ?? 0)] ??
  "http://127.0.0.1:8080";

/** The program, for tests that start one of their own. */
export const program = process.env.LIANZHEN_BIN ?? "../bin/lianzhen";

/** Of all demo accounts. */
export const demoPassword = "Lianzhen-Demo-2026";

/** How long something that happens by itself may take on a busy machine of two cores, ms. */
export const patience = 30_000;
