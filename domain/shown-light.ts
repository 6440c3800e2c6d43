/** What a gateway's light showed while it was judged by a manifest. */
export interface ShownLight {
  readonly portal: string;
  /** The pass as the gateway saw it then, epoch ms UTC. */
  readonly from: number;
  readonly to: number;
  /** When it was shown, by the gateway's clock. */
  readonly at: number;
  readonly light: 'green' | 'amber' | 'red';
  /** Version of the manifest; 0 = there was none. */
  readonly manifest: number;
  /** For a person. */
  readonly reason: string;
}
