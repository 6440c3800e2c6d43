/** What a simulated reader does wrong, on request. Everything off is a well-behaved reader. */
export interface Misbehaviour {
  /**
   * How bytes leave: `whole` a message at a time, `fragmented` in pieces of at most seven bytes, `coalesced` many
   * messages joined into one segment.
   */
  readonly segments: 'whole' | 'fragmented' | 'coalesced';
  /** Answers come this much later. */
  readonly answerDelayMs: number;
  /** Half-open: the connection stands, nothing is answered and nothing sent. */
  readonly isSilent: boolean;
  /** A KEEPALIVE is sent just before every answer, in the middle of the client's request. */
  readonly keepaliveMidRequest: boolean;
  /** STOP_ROSPEC answers with an error once the ROSpec is disabled, as some readers do. */
  readonly complainsOnStop: boolean;
  /** What it does when asked for Impinj's extensions, which its maker's name promises. */
  readonly onExtensions: 'grants' | 'refuses' | 'says nothing' | 'hangs up';
  /** Messages it refuses with an error, by name: a reader that accepts every connection and then no set-up. */
  readonly refuses: readonly string[];
}

export const WELL_BEHAVED: Misbehaviour = {
  segments: 'whole',
  answerDelayMs: 0,
  isSilent: false,
  keepaliveMidRequest: false,
  complainsOnStop: false,
  onExtensions: 'grants',
  refuses: [],
};
