/**
 * For a program under test, by `NODE_OPTIONS=--import`: it looks at its health and asks its witnesses once a second instead of
 * every ten, and SIGUSR2 puts its clock a minute forward, as if it had run a minute longer. `HURRIED_MINUTES` is how many it is
 * forward from the start, for a program that is started again after its clock was moved. How long it waits for an answer stays
 * as it is.
 */
import { systemTime } from '../../domain/index.ts';

const OFTENER = new Set(['health: look', 'ledger: ask witnesses']);
const MINUTE_MS = 60_000;

const { now, every } = systemTime;
let aheadMs = Number(process.env.HURRIED_MINUTES ?? 0) * MINUTE_MS;
systemTime.now = () => now() + aheadMs;
systemTime.every = (name, ms, run) => every(name, OFTENER.has(name) ? ms / 10 : ms, run);
process.on('SIGUSR2', () => {
  aheadMs += MINUTE_MS;
});
