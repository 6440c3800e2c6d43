/** Something a person did at this screen, until the server has said that it is done. */
export interface KeptAction {
  /** Made here, sent as `Idempotency-Key`: however often it is sent, it is applied once. */
  readonly id: string;
  readonly door: string;
  readonly pass: string;
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** Sent before it, each by itself; the body then names their hashes. */
  readonly photos?: readonly Blob[];
  /** In the words of the screen, for the question when it does not fit any more. */
  readonly what: string;
  readonly who: string;
  /** By the clock of this screen, epoch ms. */
  readonly doneAt: number;
  /** By the server's clock; set before it is sent for the first time, and the same ever after. */
  readonly decidedAt: number | null;
  /** Why the server did not apply it; null: it is still to be sent. */
  readonly refusal: string | null;
}

const DATABASE = 'isotherm-dock';
const STORE = 'actions';

/** Kept in the browser (IndexedDB): a reload, or a screen that loses its power, loses nothing. */
export class KeptActions {
  readonly #opened: Promise<IDBDatabase>;

  constructor() {
    this.#opened = new Promise((resolve, reject) => {
      const request = indexedDB.open(DATABASE, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: 'id' });
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error ?? new Error('IndexedDB cannot be opened'));
    });
  }

  /** Of a door, in the order in which they were done. */
  async of(door: string): Promise<KeptAction[]> {
    const all = await this.#do<KeptAction[]>('readonly', (store) => store.getAll());
    return all.filter((one) => one.door === door).toSorted((a, b) => a.doneAt - b.doneAt);
  }

  async put(action: KeptAction): Promise<void> {
    await this.#do('readwrite', (store) => store.put(action));
  }

  async remove(id: string): Promise<void> {
    await this.#do('readwrite', (store) => store.delete(id));
  }

  async #do<T>(mode: IDBTransactionMode, ask: (store: IDBObjectStore) => IDBRequest): Promise<T> {
    const database = await this.#opened;
    return new Promise((resolve, reject) => {
      // The browser writes to disk before it says that it is done.
      const transaction = database.transaction(STORE, mode, { durability: 'strict' });
      const request = ask(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result as T);
      transaction.onabort = () => reject(transaction.error ?? new Error('IndexedDB did not keep it'));
    });
  }
}
