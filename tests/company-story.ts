import type {
  ExceptionDetailView,
  PartnerFileView,
  ReturnVerificationView,
  TransactionRecordView,
} from '../dashboards/api/index.ts';
import { eventually } from './api.ts';
import type { CompanyHouse } from './company-house.ts';

export const COMPANIES = ['maker', 'wholesaler', 'dispenser'] as const;
export type Company = (typeof COMPANIES)[number];
export type Houses = Readonly<Record<Company, CompanyHouse>>;

const GLN_OF = { maker: '0614141000012', wholesaler: '4012345000009', dispenser: '4098765000003' } as const;
const ROLE_OF = { maker: 'manufacturer', wholesaler: 'wholesaler', dispenser: 'dispenser' } as const;
const GTIN = '80614141123458';
const CONTEXT = ['https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld'];
/** A machine on which much else runs takes minutes to start the program again. */
const PATIENCE_MS = 300_000;
const RETRY_MS = 150;

/** What happens, in order; in each somebody may be killed. */
export const STEPS = [
  ...['commission and ship', 'send the file', 'open the exception', 'tell it', 'answer it', 'tell the answer'],
  ...['settle it', 'sell on', 'send the second file', 'verify a return', 'find the recalled', 'answer the regulator'],
] as const;
export type Step = (typeof STEPS)[number];

interface Asked {
  readonly body?: unknown;
  /** Of a partner's system; default: of somebody of the house. */
  readonly token?: string;
  /** Names the request when it is sent again. */
  readonly key?: string;
  readonly type?: string;
}

/**
 * Asks until there is an answer, as systems and people do: the same again, under the same key.
 * @throws where it is refused
 */
async function insist(house: CompanyHouse, method: string, path: string, asked: Asked = {}): Promise<string> {
  const { body, token = house.token, key, type = 'application/json' } = asked;
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const answer = await fetch(`${house.url}${path}`, {
      method,
      headers: {
        ...{ authorization: `Bearer ${token}`, connection: 'close' },
        ...(body !== undefined && { 'content-type': type }),
        ...(key !== undefined && { 'idempotency-key': key }),
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
      .then(async (response) => ({ status: response.status, text: await response.text() }))
      .catch(() => null);
    if (answer !== null && answer.status < 300) return answer.text;
    const isOver = Date.now() > deadline;
    const isForNow = answer === null || answer.status === 503 || answer.text.includes('REQUEST_UNDER_WAY');
    if (isOver || !isForNow)
      throw new Error(`${house.name} ${method} ${path}: ${answer?.status ?? 'no answer'} ${answer?.text ?? ''}`);
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

async function ask<T>(house: CompanyHouse, method: string, path: string, asked: Asked = {}): Promise<T> {
  return JSON.parse(await insist(house, method, `/api/v1${path}`, asked)) as T;
}

/** The three know each other. @returns the token of each at each other, as `maker at wholesaler` */
export async function meet(houses: Houses): Promise<ReadonlyMap<string, string>> {
  const tokens = new Map<string, string>();
  for (const who of COMPANIES) {
    const own = { name: who, gln: GLN_OF[who], address: `1 ${who} street`, zone: 'UTC' };
    await ask(houses[who], 'PUT', '/organisation', { body: own });
  }
  const know = (here: Company, there: Company, more: object = {}) => {
    const body = {
      ...{ name: there, address: `1 ${there} street`, glns: [GLN_OF[there]], roles: [ROLE_OF[there]] },
      ...{ sees: ['records', 'exceptions', 'verification'], sends: ['files', 'answers', 'requests'], ...more },
    };
    return ask(houses[here], 'PUT', `/partners/${there}`, { body });
  };
  const pairs = COMPANIES.flatMap((here) => COMPANIES.filter((one) => one !== here).map((there) => ({ here, there })));
  for (const { here, there } of pairs) await know(here, there);
  for (const { here, there } of pairs) {
    const body = { name: `${here}-system` };
    const { token } = await ask<{ token: string }>(houses[there], 'POST', `/partners/${here}/tokens`, { body });
    tokens.set(`${here} at ${there}`, token);
    const webhook = `${houses[there].url}/api/v1/partners/${here}/exceptions`;
    const endpoints = { webhook, verification: `${houses[there].url}/verify` };
    await know(here, there, { endpoints, secrets: { authorization: `Bearer ${token}` } });
  }
  await ask(houses.dispenser, 'PUT', '/verification-directory/0614141', { body: { partner: 'maker' } });
  return tokens;
}

/** One telling of the story, with goods and shipments of its own; what is compared afterwards is as if all were of one. */
export class CompanyStory {
  readonly #houses: Houses;
  readonly #tokens: ReadonlyMap<string, string>;
  readonly #nth: string;
  readonly #first: string;
  readonly #second: string;
  #exception = '';
  #theirs = '';

  /** @param nth two digits, another in each telling */
  constructor(houses: Houses, tokens: ReadonlyMap<string, string>, nth: string) {
    this.#houses = houses;
    this.#tokens = tokens;
    this.#nth = nth;
    this.#first = `${GLN_OF.maker}:DEL1N${nth}`;
    this.#second = `${GLN_OF.wholesaler}:DEL2N${nth}`;
  }

  async play(step: Step): Promise<void> {
    const { maker, wholesaler, dispenser } = this.#houses;
    const key = `${this.#nth}-${step.replaceAll(' ', '-')}`;
    const say = (house: CompanyHouse, id: string, body: object) =>
      ask(house, 'POST', `/exceptions/${id}/entries`, { body, key });
    const tell = (house: CompanyHouse, id: string) => this.#tell(house, id);
    switch (step) {
      case 'commission and ship':
        return void (await this.#capture(maker, this.#made(), this.#packed(), this.#shipped()));
      case 'send the file':
        await this.#bring('maker', 'wholesaler', documentOf(this.#made(), this.#packed(), this.#shipped()));
        return this.#until(wholesaler, `shipment=${this.#first}`, 3);
      case 'open the exception': {
        const body = {
          ...{ kind: 'data errors', partner: 'maker', title: 'A serial that nobody listed', shipment: this.#first },
          ...{ text: 'Serial 9 came in the place of 3.', epcs: [this.#sgtin(9), this.#sgtin(3)] },
        };
        const { id } = await ask<ExceptionDetailView>(wholesaler, 'POST', '/exceptions', { body, key });
        this.#exception = id;
        return;
      }
      case 'tell it': {
        await tell(wholesaler, this.#exception);
        const [theirs] = await this.#exceptionsOf(maker);
        this.#theirs = theirs?.id ?? '';
        return;
      }
      case 'answer it':
        await say(maker, this.#theirs, { text: 'Mispicked; the data of 9 is on its way.', answer: 'corrected' });
        return;
      case 'tell the answer':
        return tell(maker, this.#theirs);
      case 'settle it':
        await say(wholesaler, this.#exception, { text: 'It came.', answer: 'settled' });
        return tell(wholesaler, this.#exception);
      case 'sell on':
        return void (await this.#capture(wholesaler, this.#soldOn()));
      case 'send the second file':
        await this.#bring('wholesaler', 'dispenser', documentOf(this.#made(), this.#soldOn()));
        return this.#until(dispenser, `gtin=${GTIN}&serial=${this.#serial(1)}`, 1);
      case 'verify a return': {
        const verify = (serial: string) => {
          const body = { gtin: GTIN, serial, lot: this.#lot, expiry: '2031-06-30' };
          return eventually(
            'its maker answers',
            () => ask<ReturnVerificationView>(dispenser, 'POST', '/returns', { body }),
            ({ outcome }) => outcome === 'verified' || outcome === 'not verified',
          );
        };
        await this.#until(maker, `shipment=${this.#first}`, 3);
        await verify(this.#serial(1));
        await verify(this.#serial(7));
        return;
      }
      case 'find the recalled':
        for (const house of Object.values(this.#houses)) await this.#recall(house);
        return;
      case 'answer the regulator': {
        await this.#until(wholesaler, `shipment=${this.#second}`, 1);
        const suspicion = { kind: 'suspect product', title: `Asked by FDA N${this.#nth}`, place: `site:n${this.#nth}` };
        const body = { ...suspicion, reason: 'a request' };
        const { id } = await ask<{ id: string }>(wholesaler, 'POST', '/cases', { body, key });
        const request = { direction: 'in', partner: 'FDA', official: true, text: `Trace ${GTIN}, lot ${this.#lot}` };
        const asked = await ask<{ number: number }>(wholesaler, 'POST', `/cases/${id}/trace-requests`, {
          ...{ body: request, key: `${key}-asked` },
        });
        const jws = await insist(wholesaler, 'GET', `/api/v1/transactions/record.jws?gtin=${GTIN}&lot=${this.#lot}`);
        if (jws.split('.').length !== 3) throw new Error('a record was expected, signed');
        await ask(wholesaler, 'POST', `/cases/${id}/trace-requests/${asked.number}/answer`, {
          ...{ body: { answer: 'Given as signed record of both transactions.' }, key: `${key}-answered` },
        });
      }
    }
  }

  /** What each of the three holds for true of this telling, without what differs between two of them. */
  async truth(): Promise<Readonly<Record<Company, unknown>>> {
    const of = async (who: Company) => JSON.parse(this.#common(JSON.stringify(await this.#truthOf(who)))) as unknown;
    return { maker: await of('maker'), wholesaler: await of('wholesaler'), dispenser: await of('dispenser') };
  }

  /** Of a message between two: whether it is of this telling. */
  isOf(text: string): boolean {
    return text.includes(`N${this.#nth}`);
  }

  async #truthOf(who: Company) {
    const house = this.#houses[who];
    const exceptions = await this.#exceptionsOf(house);
    const threads = await Promise.all(
      exceptions.map(async ({ id }) => {
        const { thread, kind, title, epcs, shipment, state, partner, theirs, telling } = await ask<ExceptionDetailView>(
          house,
          'GET',
          `/exceptions/${id}`,
        );
        const words = thread.map(({ number, side, text, answer }) => ({ number, side, text, answer }));
        return { kind, title, epcs, shipment, state, partner, theirs, telling, words };
      }),
    );
    const records = await this.#records(house, `gtin=${GTIN}&lot=${this.#lot}`);
    return {
      events: await this.#events(house),
      ...{ exceptions: threads, records: records.items, recalled: await this.#recall(house) },
      files: await this.#files(house),
      returns: await this.#returns(house),
      cases: await this.#cases(house),
    };
  }

  async #events(house: CompanyHouse) {
    const epcs = [1, 2, 3, 9].map((n) => this.#sgtin(n));
    const query = `MATCH_anyEPC=${encodeURIComponent([...epcs, this.#pallet].join('|'))}&perPage=100`;
    const { epcisBody } = JSON.parse(await insist(house, 'GET', `/epcis/v2/events?${query}`)) as {
      epcisBody: { queryResults: { resultsBody: { eventList: Record<string, unknown>[] } } };
    };
    const { eventList } = epcisBody.queryResults.resultsBody;
    return sorted(eventList.map(({ recordTime: _when, eventID: _hash, ...said }) => said));
  }

  async #files(house: CompanyHouse) {
    const found: string[] = [];
    for (const partner of COMPANIES.filter((one) => one !== house.name)) {
      const { items } = await ask<{ items: PartnerFileView[] }>(house, 'GET', `/partners/${partner}/files?limit=1000`);
      const own = items.filter(({ name, fate }) => name.includes(`N${this.#nth}`) && fate === 'taken');
      found.push(...own.map(({ name, sha256: _hash, events }) => `${partner} ${name} ${events}`));
    }
    return found;
  }

  /** A question whose asker was killed stands as asked; what was answered is what counts, and who asks again hears the same. */
  async #returns(house: CompanyHouse) {
    const { items } = await ask<{ items: ReturnVerificationView[] }>(house, 'GET', '/returns?limit=1000');
    const own = items.filter(({ pack, outcome }) => pack.lot === this.#lot && /verified/.test(outcome));
    return sorted([...new Set(own.map(({ pack, outcome, saleable }) => `${pack.serial} ${outcome} ${saleable}`))]);
  }

  async #cases(house: CompanyHouse) {
    const { items } = await ask<{ items: { id: string; title: string }[] }>(house, 'GET', '/cases?limit=1000');
    const own = items.filter(({ title }) => title.endsWith(`N${this.#nth}`));
    return Promise.all(
      own.map(async ({ id, title }) => {
        const requests = await ask<{ items: { number: number; partner: string; text: string; answer: string }[] }>(
          ...([house, 'GET', `/cases/${id}/trace-requests`] as const),
        );
        return {
          title,
          requests: requests.items.map(({ number, partner, text, answer }) => [number, partner, text, answer]),
        };
      }),
    );
  }

  async #exceptionsOf(house: CompanyHouse): Promise<readonly ExceptionDetailView[]> {
    const path = `/exceptions?state=all&shipment=${encodeURIComponent(this.#first)}`;
    return (await ask<{ items: ExceptionDetailView[] }>(house, 'GET', path)).items;
  }

  async #recall(house: CompanyHouse) {
    const { items } = await ask<{ items: { epc: string }[] }>(house, 'GET', `/recall?gtin=${GTIN}&lot=${this.#lot}`);
    return sorted(items.map(({ epc }) => epc));
  }

  /** What the partner has not taken is told again by the program itself. */
  async #tell(house: CompanyHouse, id: string): Promise<void> {
    await ask(house, 'POST', `/exceptions/${id}/tell`, { body: {} });
    await eventually(
      'the partner has it',
      () => ask<ExceptionDetailView>(house, 'GET', `/exceptions/${id}`),
      ({ telling }) => telling === null,
      PATIENCE_MS,
    );
  }

  async #bring(from: Company, to: Company, document: string): Promise<void> {
    const name = `${from}-N${this.#nth}.json`;
    const token = this.#tokens.get(`${from} at ${to}`) ?? '';
    const asked = { body: document, token, type: 'application/ld+json' };
    await insist(this.#houses[to], 'POST', `/api/v1/partners/${from}/files?name=${name}`, asked);
  }

  #capture(house: CompanyHouse, ...events: readonly object[]): Promise<string> {
    const asked = { body: documentOf(...events), type: 'application/ld+json' };
    return insist(house, 'POST', '/epcis/v2/capture', asked);
  }

  #records(house: CompanyHouse, query: string): Promise<TransactionRecordView> {
    return ask(house, 'GET', `/transactions?${query}`);
  }

  async #until(house: CompanyHouse, query: string, serials: number): Promise<void> {
    const look = () => this.#records(house, query);
    await eventually(`${house.name} has ${query}`, look, (record) => record.serials === serials, PATIENCE_MS);
  }

  get #lot(): string {
    return `LN${this.#nth}`;
  }

  get #pallet(): string {
    return `urn:epc:id:sscc:0614141.12345678${this.#nth}`;
  }

  #serial(n: number): string {
    return `${n}N${this.#nth}`;
  }

  #sgtin(n: number): string {
    return `urn:epc:id:sgtin:0614141.812345.${this.#serial(n)}`;
  }

  #made() {
    return {
      ...{ type: 'ObjectEvent', ...at('06:00'), action: 'ADD', bizStep: 'commissioning', disposition: 'active' },
      epcList: [1, 2, 3].map((n) => this.#sgtin(n)),
      ilmd: { 'cbvmda:lotNumber': this.#lot, 'cbvmda:itemExpirationDate': '2031-06-30' },
    };
  }

  #packed() {
    return {
      ...{ type: 'AggregationEvent', ...at('07:00'), action: 'ADD', bizStep: 'packing', parentID: this.#pallet },
      childEPCs: [1, 2, 3].map((n) => this.#sgtin(n)),
    };
  }

  #shipped() {
    return shipping(this.#first, 'maker', 'wholesaler', [this.#pallet], '08:00');
  }

  #soldOn() {
    return shipping(this.#second, 'wholesaler', 'dispenser', [this.#sgtin(1)], '12:00');
  }

  /** All tellings are the same but for their number. */
  #common(text: string): string {
    return text.replaceAll(`N${this.#nth}`, 'N').replaceAll(`12345678${this.#nth}`, '12345678');
  }
}

function at(clock: string) {
  return { eventTime: `2026-11-20T${clock}:00Z`, eventTimeZoneOffset: '+00:00' };
}

function shipping(shipment: string, from: Company, to: Company, epcs: readonly string[], clock: string) {
  const party = (who: Company) => `https://id.gs1.org/417/${GLN_OF[who]}`;
  return {
    ...{ type: 'ObjectEvent', ...at(clock), action: 'OBSERVE', bizStep: 'shipping', epcList: epcs },
    bizTransactionList: [{ type: 'desadv', bizTransaction: `urn:epcglobal:cbv:bt:${shipment}` }],
    sourceList: [{ type: 'owning_party', source: party(from) }],
    destinationList: [{ type: 'owning_party', destination: party(to) }],
  };
}

function documentOf(...eventList: readonly object[]): string {
  const head = { '@context': CONTEXT, type: 'EPCISDocument', schemaVersion: '2.0' };
  return JSON.stringify({ ...head, creationDate: '2026-11-20T09:00:00Z', epcisBody: { eventList } });
}

function sorted<T>(items: readonly T[]): T[] {
  return items.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}
