import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BY_PLATFORM, ManualTime } from '../../domain/index.ts';
import { testDatabase } from '../../storage/testing/database.ts';
import { noAnswer, RETRY_MS, Side } from '../testing/side.ts';
import { exceptionId } from './exception.ts';
import type { ExceptionMessage } from './exception-messages.ts';

/** What becomes of a message on its way: `late` comes at the end, after those that were sent after it. */
const FATES = ['taken', 'lost', 'answer lost', 'doubled', 'late'] as const;
type Fate = (typeof FATES)[number];
const STEPS = ['says', 'answers', 'ends', 'tells', 'looks', 'is killed'] as const;
type Who = 'opener' | 'other';

const steps = fc.array(fc.record({ who: fc.constantFrom<Who>('opener', 'other'), does: fc.constantFrom(...STEPS) }), {
  minLength: 3,
  maxLength: 14,
});
const fates = fc.array(fc.constantFrom<Fate>(...FATES), { maxLength: 30 });

// Told what it may answer instead, of an exception that was over and took no answer.
const ENDED_TWICE: [{ who: Who; does: (typeof STEPS)[number] }[], Fate[]] = [
  [
    { who: 'opener', does: 'ends' },
    { who: 'opener', does: 'tells' },
    { who: 'other', does: 'ends' },
  ],
  [],
];

const databases = { opener: await testDatabase(), other: await testDatabase() };

/** Two companies and a wire between them that loses, doubles and delays. */
class Wire {
  readonly time = new ManualTime(Date.parse('2026-11-20T08:00:00Z'));
  readonly sides: Readonly<Record<Who, Side>>;
  readonly late: (() => Promise<unknown>)[] = [];
  #fates: Fate[];

  constructor(given: readonly Fate[]) {
    this.#fates = [...given];
    const of = (who: Who, to: Who) =>
      new Side({ database: databases[who], time: this.time, post: ({ body }) => this.#carry(to, JSON.parse(body)) });
    this.sides = { opener: of('opener', 'other'), other: of('other', 'opener') };
  }

  async #carry(to: Who, message: ExceptionMessage): Promise<string> {
    const hear = () => this.sides[to].hear(message);
    const fate = this.#fates.shift() ?? 'taken';
    if (fate === 'late') this.late.push(hear);
    if (fate === 'lost' || fate === 'late') throw noAnswer();
    const answer = await hear();
    if (fate === 'doubled') await hear();
    if (fate === 'answer lost') throw noAnswer();
    return answer;
  }

  /** The wire holds from now on; what was late comes, in the order that is least convenient. */
  async calm(): Promise<void> {
    this.#fates = [];
    for (const side of [this.sides.opener, this.sides.other]) await this.#untilTold(side);
    for (const hear of this.late.splice(0).reverse()) await hear();
  }

  async #untilTold(side: Side): Promise<void> {
    for (let look = 0; look < 5; look += 1) {
      this.time.advance(15 * RETRY_MS);
      await side.teller.look();
      await side.teller.idle();
    }
  }
}

/** By who said it, from the opener's point of view. */
async function wordsAt(side: Side, number: number, own: Who): Promise<string[]> {
  const thread = await side.exceptions.thread(number);
  const them: Who = own === 'opener' ? 'other' : 'opener';
  return thread.map(({ side: who, text, answer }) => `${who === 'ours' ? own : them}: ${text} ${answer}`);
}

describe('a thread between two companies', () => {
  test('is the same at both ends, whatever was lost, doubled, late or killed on the way', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fates, async (drawn, drawnFates) => {
        const wire = new Wire(drawnFates);
        const { opener, other } = wire.sides;
        await Promise.all([opener.know(), other.know()]);
        const first = { kind: 'shortage', partner: 'other', title: 'Two short', text: 'word 0' } as const;
        const none = { shipment: null, epcs: [], lot: null, finding: null, due: null };
        const opened = await opener.exceptions.open({ ...first, ...none }, BY_PLATFORM);
        const mine = exceptionId(opened.number);
        // The slow, obvious reference: every word that was taken from a person, and whether the opener ended it.
        const said = ['opener: word 0 null'];
        let end: string | null = null;
        const theirs = async () => {
          const [found] = await other.exceptions.list({ isOpen: false, partner: null, shipment: null, limit: 1 });
          return found !== undefined && found.reference === mine ? found : null;
        };
        for (const [n, { who, does }] of drawn.entries()) {
          const side = wire.sides[who];
          const which = who === 'opener' ? await side.exceptions.get(mine) : await theirs();
          if (which === null) continue;
          wire.time.advance(RETRY_MS);
          if (does === 'tells') await side.teller.tell(which, BY_PLATFORM);
          else if (does === 'looks') await side.teller.look().then(() => side.teller.idle());
          else if (does === 'is killed') side.restart();
          else {
            const answer = does === 'says' ? null : does === 'answers' ? 'corrected' : 'settled';
            const word = { text: `word ${n + 1}`, answer, file: null } as const;
            const speaker = { side: 'ours' } as const;
            const isOver = which.closedAt !== null;
            const mayNot = isOver || (who === 'other' && answer === 'settled');
            const saying = side.exceptions.say(exceptionId(which.number), word, speaker, BY_PLATFORM);
            if (mayNot) {
              await expect(saying).rejects.toThrow(isOver ? /open another/ : /settles it/);
              continue;
            }
            await saying;
            said.push(`${who}: ${word.text} ${answer}`);
            if (answer === 'settled') end = 'settled';
          }
        }
        // Both mean to tell it all, in the end.
        wire.time.advance(RETRY_MS);
        await opener.teller.tell(await opener.exceptions.get(mine), BY_PLATFORM);
        await wire.calm();
        const there = await theirs();
        if (there === null) throw new Error('the other side was told of it');
        await other.teller.tell(there, BY_PLATFORM);
        await wire.calm();

        const [atOpener, atOther] = await Promise.all([
          wordsAt(opener, opened.number, 'opener'),
          wordsAt(other, there.number, 'other'),
        ]);
        expect([atOpener.toSorted(), atOther.toSorted()]).toEqual([said.toSorted(), said.toSorted()]);
        const states = await Promise.all([opener.exceptions.get(mine), theirs()]);
        for (const one of states) expect(one?.closedAt === null ? null : one?.state).toBe(end);
      }),
      { numRuns: 12, examples: [ENDED_TWICE] },
    );
  }, 120_000);
});
