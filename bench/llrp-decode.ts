/**
 * How fast RO_ACCESS_REPORTs become columns, next to the least a decoder could do: a bare `DataView` loop over the same
 * bytes that adds up what it reads. Seven parameters a tag, 200 tags a report, one core.
 *
 *   node bench/llrp-decode.ts
 *
 * Prints one line a measurement, in tags a second, the best of fifteen turns about, and the ratio of the two; then the
 * same frame through llrpjs, where it is installed.
 */
import { createRequire } from 'node:module';
import { decodeFrame, decodeTags, encodeFrame, Framer, type Parameter, TagColumns } from '../codecs/llrp/index.ts';

const TAGS = 200;
const ROUNDS = 4000;

const frame = encodeFrame({
  version: 1,
  id: 1,
  message: { name: 'RO_ACCESS_REPORT', parameters: Array.from({ length: TAGS }, (_, n) => tag(n)) },
});
const columns = new TagColumns();
let sink = 0;

const bareRates: number[] = [];
const fastRates: number[] = [];
for (let turn = 0; turn < 15; turn++) {
  bareRates.push(rate(ROUNDS, () => bare(frame)));
  fastRates.push(rate(ROUNDS, () => decodeTags(frame, columns)));
}
const framer = new Framer((whole) => {
  sink += decodeTags(whole, columns);
});
const chunk = Buffer.concat(Array(8).fill(frame));
const bareRate = Math.max(...bareRates);
const fastRate = Math.max(...fastRates);
print('bare DataView loop', bareRate);
print('decodeTags, frame to columns', fastRate);
print('framer and decodeTags, chunks of 8 reports', rate(ROUNDS / 8, () => framer.push(chunk)) * 8);
print(
  'decodeFrame, every parameter an object',
  rate(500, () => decodeFrame(frame)),
);
console.log(`ratio of decodeTags to the bare loop: ${(fastRate / bareRate).toFixed(2)} (target 0.6; 3 M tags/s)`);
await peer();
if (sink === 0) console.log('nothing was decoded');

/** llrpjs, the LLRP library on npm, over the same frame; installed apart from the product. */
async function peer(): Promise<void> {
  const command = 'npm install --prefix bench/peers';
  let decode: (bytes: Buffer) => number;
  try {
    const require = createRequire(new URL('peers/package.json', import.meta.url));
    const { LLRPCore }: Llrpjs = require('llrpjs');
    decode = (bytes) => {
      const tags = new LLRPCore.RO_ACCESS_REPORT(bytes).decode().getTagReportData();
      return Array.isArray(tags) ? tags.length : 1;
    };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND')) throw error;
    console.log(`llrpjs: peer not installed; ${command}`);
    return;
  }
  const bytes = Buffer.from(frame);
  if (decode(bytes) !== TAGS) console.log('llrpjs did not find every tag');
  const peerRate = rate(50, () => decode(bytes));
  console.log(`llrpjs 1.0.1: ${Math.round(peerRate).toLocaleString('en')} tags/s`);
  console.log(`ratio of decodeTags to llrpjs: ${Math.round(fastRate / peerRate)}`);
}

interface Llrpjs {
  readonly LLRPCore: {
    readonly RO_ACCESS_REPORT: new (bytes: Buffer) => { decode(): { getTagReportData(): unknown } };
  };
}

/** Tags a second. */
function rate(rounds: number, work: () => unknown): number {
  for (let round = 0; round < rounds / 10; round++) work();
  const from = performance.now();
  for (let round = 0; round < rounds; round++) work();
  return (rounds * TAGS * 1000) / (performance.now() - from);
}

/** Reads every value once and adds it up: no columns, no checks but the type byte. */
function bare(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let sum = 0;
  let at = 10;
  while (at < bytes.length) {
    const end = at + view.getUint16(at + 2);
    at += 4;
    while (at < end) {
      switch (view.getUint8(at) & 0x7f) {
        case 13:
          sum += view.getUint32(at + 1) + view.getUint32(at + 5) + view.getUint32(at + 9);
          at += 13;
          break;
        case 9:
          sum += view.getUint32(at + 1);
          at += 5;
          break;
        case 1:
        case 8:
          sum += view.getUint16(at + 1);
          at += 3;
          break;
        case 6:
          sum += view.getInt8(at + 1);
          at += 2;
          break;
        default:
          sum += view.getUint32(at + 1) * 0x1_0000_0000 + view.getUint32(at + 5);
          at += 9;
      }
    }
  }
  sink += sum;
}

function tag(n: number): Parameter {
  return {
    name: 'TagReportData',
    parameters: [
      { name: 'EPC_96', EPC: `3074257BF7194E40${n.toString(16).padStart(8, '0').toUpperCase()}` },
      { name: 'ROSpecID', ROSpecID: 7 },
      { name: 'AntennaID', AntennaID: 1 + (n % 4) },
      { name: 'PeakRSSI', PeakRSSI: -40 - (n % 30) },
      { name: 'FirstSeenTimestampUTC', Microseconds: 1_763_900_000_000_000n + BigInt(n) },
      { name: 'LastSeenTimestampUTC', Microseconds: 1_763_900_000_100_000n + BigInt(n) },
      { name: 'TagSeenCount', TagCount: 3 },
    ],
  };
}

function print(name: string, tagsPerSecond: number): void {
  console.log(`${name}: ${(tagsPerSecond / 1e6).toFixed(2)} M tags/s`);
}
