/**
 * Which changes of an address are the screen's own, written once what is shown or typed rested. Such a change comes back a
 * render later, when somebody may have moved or typed on already: it must not take that back.
 */
export class OwnAddresses {
  /** Written and not yet come back, oldest first. */
  readonly #written: string[] = [];
  #latest: string;

  constructor(address: string) {
    this.#latest = address;
  }

  /** @returns whether it has to be written: it is not the address already, nor will be */
  writes(address: string): boolean {
    if (address === this.#latest) return false;
    this.#latest = address;
    this.#written.push(address);
    return true;
  }

  /** Whether an address that came is one that was written here; those written before it come no more. */
  takes(address: string): boolean {
    const index = this.#written.indexOf(address);
    this.#written.splice(0, index + 1);
    if (index < 0) this.#latest = address;
    return index >= 0;
  }
}
