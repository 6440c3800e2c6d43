/** How long a test waits for a condition that it gives no bound of its own; well below the bound of a test. */
export const PATIENCE_MS = 30_000;
