/**
 * What is sent down to devices and gateways: a gateway's commands, a dialect's (`spBv1.0/{group}/NCMD/{node}`,
 * `cmnd/{id}/...`). Implemented by the embedded broker and by the connection to an external one.
 */
export interface Downlink {
  /**
   * Commands are not kept for later: a light turned green an hour late would be wrong.
   *
   * @returns resolves when it has been handed on, not when it has been acted upon
   * @throws {UnavailableError} RECIPIENT_NOT_CONNECTED where that can be known, BROKER_STATE
   */
  publish(
    topic: string,
    payload: Uint8Array,
    options?: { readonly qos?: 0 | 1; readonly retain?: boolean },
  ): Promise<void>;
}

/** Where Sparkplug's edge nodes see whether their host application is there (Sparkplug 3.0, 5.2.1, `STATE`). */
export const HOST_STATE_TOPIC = 'spBv1.0/STATE/isotherm';

/**
 * The host's state: retained with QoS 1, when it comes and as it goes (Sparkplug 3.0, 6.4.27: tck-id-host-topic-phid-*).
 * @param since when it came, epoch ms UTC: the same in both
 */
export function hostState(isOnline: boolean, since: number): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ online: isOnline, timestamp: since }));
}
