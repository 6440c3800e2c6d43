import type { InfluxServer } from './influx-server.ts';

/** Points that the server will not have, and why. */
export interface RefusedPoints {
  readonly lines: readonly string[];
  readonly reason: string;
}

/**
 * Writes lines and finds those that are refused: what is refused together is halved until each refusal stands alone,
 * or until the server says itself that it left out every one of them. All others are written when this resolves.
 *
 * @throws {UnavailableError} INFLUX_UNAVAILABLE
 */
export async function send(server: Pick<InfluxServer, 'write'>, lines: readonly string[]): Promise<RefusedPoints[]> {
  if (lines.length === 0) return [];
  const refusal = await server.write(lines);
  if (refusal === null) return [];
  if (lines.length === 1 || refusal.dropped === lines.length) return [{ lines, reason: refusal.reason }];
  const middle = lines.length >> 1;
  return [...(await send(server, lines.slice(0, middle))), ...(await send(server, lines.slice(middle)))];
}
