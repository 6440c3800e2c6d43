import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';

/** Ended, and its parent has not asked how. */
const ENDED = /^[ZX]$/;

/**
 * Who holds leases: `number machine process start`. With them a process that takes the place of one that was killed on
 * the same machine need not wait for the leases of that one to run out.
 */
export class LeaseHolder {
  readonly name: string;
  readonly #machine: string | null;

  constructor() {
    this.#machine = thisMachine();
    this.name = [randomUUID(), this.#machine ?? '-', process.pid, processOf(process.pid)?.start ?? '-'].join(' ');
  }

  /** Known for certain: a process of this machine that has ended. Elsewhere only time tells. */
  isGone(holder: string): boolean {
    const [, machine, pid, start] = holder.split(' ');
    if (this.#machine === null || machine !== this.#machine || !/^[1-9]\d*$/.test(pid ?? '')) return false;
    const found = processOf(Number(pid));
    return found === null || ENDED.test(found.state) || found.start !== start;
  }
}

/** Since its start, and as far as process numbers mean the same (proc(5): boot_id; namespaces(7)); null off Linux. */
function thisMachine(): string | null {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    return `${boot}/${readlinkSync('/proc/self/ns/pid').replace(/\D/g, '')}`;
  } catch {
    // No such files: nothing is known of other processes then.
    return null;
  }
}

/** proc_pid_stat(5): the third field is the state, the 22nd the start in ticks since boot; the second is in brackets. */
function processOf(pid: number): { readonly state: string; readonly start: string } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state = '', ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state, start: fields[18] ?? '' };
  } catch {
    return null;
  }
}
