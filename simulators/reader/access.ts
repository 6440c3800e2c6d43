import {
  MEMORY_BANK,
  type MessageOf,
  type Parameter,
  type ParameterOf,
  parameterOf,
  STATUS,
} from '../../codecs/llrp/index.ts';
import { status } from './configuration.ts';

/** C1G2ReadOpSpecResult.Result (LLRP 1.0.1, clause 15.2.1.5.5.1): read; the tag has less memory than was asked for. */
const RESULT = { success: 0, nonSpecificTagError: 1 } as const;

/** The AccessSpecs of a simulated reader, as far as they read TID memory. */
export class SimulatedAccess {
  readonly #most: number;
  readonly #specs = new Map<number, ParameterOf<'AccessSpec'>>();

  /** @param most one more is refused */
  constructor(most: number) {
    this.#most = most;
  }

  get specs(): readonly ParameterOf<'AccessSpec'>[] {
    return [...this.#specs.values()];
  }

  clear(): void {
    this.#specs.clear();
  }

  add(message: MessageOf<'ADD_ACCESSSPEC'>): Parameter {
    const spec = parameterOf(message, 'AccessSpec');
    if (spec === undefined) return status(STATUS.missingParameter, 'AccessSpec is missing');
    if (this.#specs.size >= this.#most) return status(STATUS.invalid, `at most ${this.#most} AccessSpecs`);
    if (this.#specs.has(spec.AccessSpecID)) return status(STATUS.fieldError, `AccessSpec ${spec.AccessSpecID} exists`);
    this.#specs.set(spec.AccessSpecID, spec);
    return status();
  }

  enable(id: number): Parameter {
    const spec = this.#specs.get(id);
    if (spec === undefined) return status(STATUS.fieldError, `no AccessSpec ${id}`);
    this.#specs.set(id, { ...spec, CurrentState: 1 });
    return status();
  }

  delete(id: number): Parameter {
    if (id === 0) this.#specs.clear();
    else this.#specs.delete(id);
    return status();
  }

  /** What the reader reports of a tag in the field: null where nothing is to be read of it. */
  on(rospec: number, tidHex: string | null): Parameter | null {
    const spec = this.specs.find(({ CurrentState, ROSpecID }) => CurrentState === 1 && [0, rospec].includes(ROSpecID));
    const command = spec && parameterOf(spec, 'AccessCommand');
    const read = command && parameterOf(command, 'C1G2Read');
    if (read === undefined || read.MB !== MEMORY_BANK.tid) return null;
    const words = (tidHex ?? '').match(/.{4}/g)?.map((word) => Number.parseInt(word, 16)) ?? [];
    const asked = words.slice(read.WordPointer, read.WordPointer + read.WordCount);
    const isWhole = asked.length === read.WordCount;
    return {
      name: 'C1G2ReadOpSpecResult',
      Result: isWhole ? RESULT.success : RESULT.nonSpecificTagError,
      OpSpecID: read.OpSpecID,
      ReadData: isWhole ? asked : [],
    };
  }
}
