import type { EarlierArrival } from '../../broker/index.ts';
import type { Archive } from '../../storage/index.ts';

/** A client that was cut off by our end comes back within this, or its message is new. */
const WINDOW_MS = 15 * 60_000;
/** Clients whose last messages are held in memory at a time. */
const MOST_CLIENTS = 100;

interface Earlier {
  readonly door: string;
  readonly payload: Uint8Array;
  readonly arrival: number;
}

/** When a message came that was sent to the process before this one, from the archive of messages as received. */
export function earlierArrivals(archive: Pick<Archive, 'find'>, startedAt: number): EarlierArrival {
  const byClient = new Map<string, Promise<Earlier[]>>();
  const messagesOf = (clientId: string): Promise<Earlier[]> => {
    const known = byClient.get(clientId);
    if (known !== undefined) return known;
    if (byClient.size >= MOST_CLIENTS) byClient.clear();
    const asked = read(clientId);
    asked.catch(() => byClient.delete(clientId));
    byClient.set(clientId, asked);
    return asked;
  };
  const read = async (clientId: string): Promise<Earlier[]> => {
    const messages: Earlier[] = [];
    for await (const { source, door, payload, arrival } of archive.find(clientId, startedAt - WINDOW_MS, startedAt)) {
      if (source === clientId && arrival < startedAt) messages.push({ door, payload: payload.slice(), arrival });
    }
    return messages;
  };
  return async ({ clientId, topic, payload }) => {
    const messages = await messagesOf(clientId);
    const same = messages.findLast((one) => one.door === topic && Buffer.compare(one.payload, payload) === 0);
    return same?.arrival ?? null;
  };
}
