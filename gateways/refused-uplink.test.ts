import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { silentLogger, silentMeter, systemTime } from '../domain/index.ts';
import { Gateway } from './gateway.ts';
import { dockReader, gatewayConfig } from './testing/builders.ts';
import { TestPlatform } from './testing/platform.ts';

/** CONNACK, return code 3: server unavailable (MQTT 3.1.1, clause 3.2.2.3). */
const UNAVAILABLE = Buffer.of(0x20, 2, 0, 3);

test('a gateway that signed in while the platform could not look at credentials never came again', async () => {
  const platform = new TestPlatform();
  await platform.start();
  let refusals = 0;
  const door = net.createServer((socket) => {
    socket.on('error', () => {});
    if (refusals < 2) {
      refusals++;
      socket.once('data', () => socket.end(UNAVAILABLE));
      return;
    }
    const onward = net.connect(Number(new URL(platform.url).port), '127.0.0.1');
    onward.on('error', () => {});
    socket.pipe(onward).pipe(socket);
    socket.on('close', () => onward.destroy());
  });
  door.listen(0, '127.0.0.1');
  await once(door, 'listening');
  const url = `mqtt://127.0.0.1:${(door.address() as AddressInfo).port}`;
  const config = gatewayConfig({ mqtt: { url }, readers: [dockReader(1)] });
  const gateway = new Gateway({ config, time: systemTime, logger: silentLogger, meter: silentMeter, random: () => 0 });
  await gateway.start();
  // The first tells of a spool that is new.
  await platform.until(({ batches }) => batches.length > 0);
  expect(refusals).toBe(2);
  await gateway.stop();
  door.close();
  await platform.stop();
});
