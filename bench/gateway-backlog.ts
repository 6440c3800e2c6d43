/**
 * How fast a gateway takes 200,000 tags that a reader held over an outage, puts them on disk and sends them on: reader,
 * gateway and a bare broker in one process, over real TCP and MQTT.
 *
 *   node bench/gateway-backlog.ts
 *
 * Prints when the last tag is on the gateway's disk and when the last batch is acknowledged.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Aedes } from 'aedes';
import { decodeBatch } from '../codecs/batch/index.ts';
import { silentLogger, silentMeter, systemTime } from '../domain/index.ts';
import { Gateway, parseGatewayConfig } from '../gateways/index.ts';
import { SimulatedReader } from '../simulators/reader/index.ts';

const TAGS = 200_000;

const dataDir = await mkdtemp(join(tmpdir(), 'isotherm-bench-'));
const broker = await Aedes.createBroker();
let arrived = 0;
const all = Promise.withResolvers<void>();
broker.authorizePublish = (_client, packet, done) => {
  if (packet.topic.endsWith('/batches')) arrived += decodeBatch(Buffer.from(packet.payload)).batch.sightings.length;
  done(null);
  if (arrived >= TAGS) all.resolve();
};
const server = createServer((socket) => broker.handle(socket));
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const address = server.address();
const reader = new SimulatedReader({ time: systemTime, bufferTags: TAGS + 1 });
await reader.start();
const config = parseGatewayConfig(
  {
    id: 'bench',
    dataDir,
    mqtt: { url: `mqtt://127.0.0.1:${typeof address === 'object' ? address?.port : 0}` },
    readers: [{ id: 'dock-1', host: '127.0.0.1', port: reader.port, antennas: [{ antenna: 1 }] }],
  },
  'bench',
);
const gateway = new Gateway({ config, time: systemTime, logger: silentLogger, meter: silentMeter });
await gateway.start();
while (!reader.listensAt(1)) await systemTime.sleep('bench', 10);
reader.dropConnection();
while (reader.isConnected) await systemTime.sleep('bench', 1);
const at = Date.now() - 60_000;
for (let n = 0; n < TAGS; n++) {
  reader.see({
    antenna: 1,
    epcHex: `3074257BF7194E40${n.toString(16).padStart(8, '0').toUpperCase()}`,
    at: at + n / 10,
  });
}
while (reader.waitingTags > 0) await systemTime.sleep('bench', 1);
const from = performance.now();
await all.promise;
const ms = performance.now() - from;
console.log(
  `backlog of ${TAGS} tags, reader to broker: ${Math.round(ms)} ms, ${Math.round((TAGS * 1000) / ms)} tags/s`,
);
await gateway.stop();
await reader.stop();
await new Promise<void>((resolve) => broker.close(() => resolve()));
server.close();
await rm(dataDir, { recursive: true, force: true });
