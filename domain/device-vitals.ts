/** How well a device was received: dBm, and dB above the noise where the network says it. */
export interface RadioSignal {
  readonly rssi: number;
  readonly snr: number | null;
}

/** How the clock of a device goes by its latest messages. */
export interface DeviceClock {
  /** Arrival minus stated time, ms: positive where its clock, or what brings its messages, is behind ours. */
  readonly behindMs: number;
  /** Live messages that this is the median of. */
  readonly messages: number;
  /** Arrival of the latest, epoch ms UTC. */
  readonly at: number;
}

/** What was noticed of a device while its messages came in; null where that says nothing yet. */
export interface DeviceVitals {
  readonly device: string;
  readonly clock: DeviceClock | null;
  readonly signal: (RadioSignal & { readonly at: number }) | null;
}
