/** A gateway as a process of its own, to be killed: `node gateway-process.ts CONFIG-AS-JSON`. */
import { silentLogger, silentMeter, systemTime } from '../../domain/index.ts';
import { Gateway, parseGatewayConfig } from '../index.ts';

const config = parseGatewayConfig(JSON.parse(process.argv[2] ?? '{}'), 'argument');
await new Gateway({ config, time: systemTime, logger: silentLogger, meter: silentMeter }).start();
