/**
 * A memory of bounded size that keeps what is asked for: in two halves, of which the younger takes what is new and what is asked of the older
 * one; when the younger is full it becomes the older, and what was not asked since is forgotten. A memory that is dropped whole
 * when it is full looks up again what all passes under way need.
 */
export class RecentlyAsked<Key, Value> {
  #young = new Map<Key, Value>();
  #old = new Map<Key, Value>();

  get(key: Key): Value | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.#young.set(key, old);
    return old;
  }

  set(key: Key, value: Value): void {
    this.#young.set(key, value);
  }

  /** What is new since the last call stays, what is older and was not asked since is forgotten. */
  age(): void {
    this.#old = this.#young;
    this.#young = new Map();
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
  }
}
