import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CompanyHouse, type Exchange, type Moment } from './company-house.ts';
import { COMPANIES, type Company, CompanyStory, type Houses, meet, STEPS, type Step } from './company-story.ts';

/*
 * Manufacturer, wholesaler and dispenser, each the real program with a database of its own: the story is told once without a
 * fault, then with kill -9 of each of the three at a drawn moment in the middle. What each holds for true afterwards is the
 * same, and what one told another twice had the same name and said the same.
 */

/** Who is asked something, or asks another, in which step. */
const TAKES_PART: Readonly<Record<Company, readonly Step[]>> = {
  maker: ['commission and ship', 'tell it', 'answer it', 'tell the answer', 'settle it', 'verify a return'],
  wholesaler: [
    ...(['send the file', 'open the exception', 'tell it', 'tell the answer', 'settle it', 'sell on'] as const),
    'answer the regulator',
  ],
  dispenser: ['send the second file', 'verify a return', 'find the recalled'],
};
/** Told with kills: minutes with ISOTHERM_TEST_LONG. */
const TELLINGS = process.env.ISOTHERM_TEST_LONG === undefined ? 1 : 12;

interface Kill {
  readonly step: Step;
  readonly when: Moment['when'];
  readonly delayMs: number;
  /** So many requests in which it takes part come before. */
  readonly spares: number;
}
type Kills = Readonly<Record<Company, Kill>>;

const killOf = (who: Company) =>
  fc.record({
    step: fc.constantFrom(...TAKES_PART[who]),
    when: fc.constantFrom<Moment['when']>('before', 'during', 'after'),
    delayMs: fc.integer({ min: 0, max: 40 }),
    spares: fc.constantFrom(0, 0, 1),
  });
const KILLS = fc.record({
  maker: killOf('maker'),
  wholesaler: killOf('wholesaler'),
  dispenser: killOf('dispenser'),
});

/** What went from one company to another. */
interface Told {
  readonly id: string;
  readonly data: string;
}

let houses: Houses;
let tokens: ReadonlyMap<string, string>;
let told: Told[] = [];

beforeAll(async () => {
  houses = {
    maker: new CompanyHouse('maker'),
    wholesaler: new CompanyHouse('wholesaler'),
    dispenser: new CompanyHouse('dispenser'),
  };
  // One after another: three that start at once hold each other up.
  for (const house of Object.values(houses)) await house.start();
  tokens = await meet(houses);
}, 600_000);
afterAll(() => Promise.all(Object.values(houses).map((house) => house.stop())));

/** Who sent it, where it came from one of the three. */
function senderOf({ headers }: Exchange, receiver: Company): Company | null {
  return COMPANIES.find((one) => headers.authorization === `Bearer ${tokens.get(`${one} at ${receiver}`)}`) ?? null;
}

/** Tells the story to its end; each of those named is killed once, in its step. */
async function tellStory(story: CompanyStory, kills: Kills | null): Promise<void> {
  let step: Step = STEPS[0];
  const left = new Map(kills === null ? [] : COMPANIES.map((who) => [who, { ...kills[who] }]));
  for (const receiver of COMPANIES) {
    houses[receiver].watch = (exchange) => {
      const sender = senderOf(exchange, receiver);
      const id = exchange.headers['webhook-id'];
      if (sender !== null && typeof id === 'string')
        told.push({ id: `${sender} ${id}`, data: wordsIn(exchange.body.toString()) });
      for (const who of [sender, receiver]) {
        const kill = who === null ? undefined : left.get(who);
        if (who === null || kill === undefined || kill.step !== step) continue;
        left.set(who, { ...kill, spares: kill.spares - 1 });
        if (kill.spares > 0) continue;
        left.delete(who);
        return { ...kill, kill: () => houses[who].kill() };
      }
      return null;
    };
  }
  for (step of STEPS) {
    await story.play(step);
    // Whoever is to be killed in this step and was asked too seldom is killed after it.
    for (const [who, kill] of left) {
      if (kill.step !== step) continue;
      left.delete(who);
      await houses[who].kill();
    }
  }
  await Promise.all(Object.values(houses).map((house) => house.back()));
}

/** What a message says; what the receiver calls the exception is known only once it has answered. */
function wordsIn(message: string): string {
  const { data } = JSON.parse(message) as { data: object };
  return JSON.stringify({ ...data, yours: null });
}

/** Each name of a message with what was said under it. */
function saidUnder(messages: readonly Told[]): ReadonlyMap<string, ReadonlySet<string>> {
  const said = new Map<string, Set<string>>();
  for (const { id, data } of messages) said.set(id, (said.get(id) ?? new Set()).add(data));
  return said;
}

test('what three companies hold for true does not depend on who of them is killed in the middle', async () => {
  const undisturbed = new CompanyStory(houses, tokens, '00');
  await tellStory(undisturbed, null);
  const truth = await undisturbed.truth();
  const messages = saidUnder(told).size;
  expect(truth).toMatchObject({
    maker: { events: { length: 3 }, exceptions: [{ state: 'settled', words: { length: 3 } }], recalled: { length: 3 } },
    wholesaler: { events: { length: 4 }, records: { length: 2 }, files: { length: 1 }, cases: { length: 1 } },
    dispenser: { returns: ['1N verified true', '7N not verified false'], files: { length: 1 }, records: { length: 1 } },
  });
  for (const [n, kills] of fc.sample(KILLS, { numRuns: TELLINGS }).entries()) {
    told = [];
    const before = Object.values(houses).reduce((sum, { kills }) => sum + kills, 0);
    const story = new CompanyStory(houses, tokens, String(n + 1).padStart(2, '0'));
    const about = `told with ${JSON.stringify(kills)}`;
    await tellStory(story, kills).catch((error: unknown) => {
      throw new Error(about, { cause: error });
    });
    expect(Object.values(houses).reduce((sum, { kills }) => sum + kills, 0) - before, about).toBe(3);
    expect(await story.truth(), about).toEqual(truth);
    const said = saidUnder(told);
    expect(said.size, about).toBe(messages);
    for (const [id, ways] of said) expect([about, id, ways.size]).toEqual([about, id, 1]);
  }
  if (TELLINGS === 1) return;
  for (const house of Object.values(houses)) {
    const { code, stderr } = await house.command('audit', 'verify');
    expect([house.name, code, stderr]).toEqual([house.name, 0, expect.anything()]);
  }
}, 1_800_000);
