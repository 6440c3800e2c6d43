/**
 * How fast EPC memory becomes identities, on one core:
 *
 *   node bench/epc.ts [PEER]
 *
 * PEER is the directory of an installed `epc-tds` (npm), which is then measured over the same tags; the project does
 * not depend on it. Prints one line a measurement, in tags a second, the best of nine turns about.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { decodeTag, encodeTag, readTag } from '../codecs/epc/index.ts';

const TAGS = 10_000;
const TURNS = 9;

const sgtin96 = tags((n) => `urn:epc:tag:sgtin-96:3.0614141.${String(800_000 + (n % 97))}.${n * 7919}`);
const sscc96 = tags((n) => `urn:epc:tag:sscc-96:0.0614141.1${String(n).padStart(9, '0')}`);
const sgtin198 = tags((n) => `urn:epc:tag:sgtin-198:3.0614141.712345.A${n}-x`);

const peer = process.argv[2] === undefined ? null : peerIn(process.argv[2]);
const runs: { readonly name: string; readonly work: () => number; best: number }[] = [
  { name: 'SGTIN-96, hex to pure identity', work: () => over(sgtin96, (hex) => lastOf(decodeTag(hex).epc)), best: 0 },
  { name: 'SSCC-96, hex to pure identity', work: () => over(sscc96, (hex) => lastOf(decodeTag(hex).epc)), best: 0 },
  { name: 'SGTIN-198, hex to pure identity', work: () => over(sgtin198, (hex) => lastOf(decodeTag(hex).epc)), best: 0 },
  { name: 'SGTIN-96, every form', work: () => over(sgtin96, (hex) => lastOf(readTag(hex).epc)), best: 0 },
];
if (peer !== null) {
  runs.push({ name: 'epc-tds: SGTIN-96, hex to pure identity', work: () => over(sgtin96, peer), best: 0 });
}
let sink = 0;
for (let turn = 0; turn < TURNS; turn++) {
  for (const run of runs) {
    const from = performance.now();
    sink += run.work();
    run.best = Math.max(run.best, (TAGS * 1_000) / (performance.now() - from));
  }
}
for (const { name, best } of runs) console.log(`${name}: ${Math.round(best).toLocaleString('en')} tags/s`);
console.log(`target: 2,000,000 SGTIN-96 a second; ${((runs[0]?.best ?? 0) / 2_000_000).toFixed(2)} of it`);
if (sink === 0) console.log('nothing was decoded');

function tags(uriOf: (n: number) => string): string[] {
  return Array.from({ length: TAGS }, (_, n) => encodeTag(uriOf(n)));
}

function over(hexes: readonly string[], look: (hex: string) => number): number {
  let sum = 0;
  for (const hex of hexes) sum += look(hex);
  return sum;
}

/** Looks into the text, so that it is really put together and not left as a chain of pieces. */
function lastOf(text: string): number {
  return text.charCodeAt(text.length - 1);
}

function peerIn(directory: string): (hex: string) => number {
  const tds = createRequire(join(directory, 'package.json'))(directory);
  return (hex) => lastOf(tds.valueOf(hex).toIdURI());
}
