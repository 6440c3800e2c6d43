import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError, YamlFile } from '../../domain/index.ts';
import { type Market, marketSchema } from './market.ts';

/** Where the packs are: data, a file a market. */
export const PACKS = join(import.meta.dirname, 'packs');

/** What markets ask of medicines, by id. */
export class Markets {
  readonly #byId: ReadonlyMap<string, Market>;

  /** @throws {InputError} MARKET_PACK_BAD with file and line */
  constructor(directory: string = PACKS) {
    const files = readdirSync(directory).filter((file) => file.endsWith('.yaml'));
    const markets = files.map((file) => readMarket(readFileSync(join(directory, file), 'utf8'), file));
    this.#byId = new Map(markets.map((market) => [market.id, market]));
  }

  list(): readonly Market[] {
    return [...this.#byId.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }

  find(id: string): Market | null {
    return this.#byId.get(id) ?? null;
  }

  /** @throws {InputError} MARKET_UNKNOWN */
  get(id: string): Market {
    const market = this.find(id);
    if (market !== null) return market;
    const known = [...this.#byId.keys()].toSorted().join(', ');
    throw new InputError('MARKET_UNKNOWN', `there is no market ${id}; known: ${known}`, { id });
  }
}

/** @param file its name, which begins with the id @throws {InputError} MARKET_PACK_BAD with file and line */
export function readMarket(text: string, file: string): Market {
  const yaml = new YamlFile(text, file, 'MARKET_PACK_BAD');
  const { success, data, error } = marketSchema.safeParse(yaml.value);
  if (!success) {
    yaml.reportIssues(error.issues, [], 'those of docs/markets.md');
    yaml.throwIfBad();
    throw new InputError('MARKET_PACK_BAD', `${file}: cannot be read`);
  }
  if (`${data.id}.yaml` !== file) yaml.report(['id'], `the name of the file, ${file.replace(/\.yaml$/, '')}`);
  const known = Object.keys(data.sources);
  for (const part of ['force', 'identifier', 'periods', 'answers', 'decommissioning'] as const) {
    for (const [index, { source }] of data[part].entries()) {
      if (!known.includes(source)) yaml.report([part, index, 'source'], `a key of sources: ${known.join(', ')}`);
    }
  }
  if (data.transaction !== null && !known.includes(data.transaction.source))
    yaml.report(['transaction', 'source'], `a key of sources: ${known.join(', ')}`);
  for (const [index, { is, lasts }] of data.periods.entries()) {
    if ((is === null) !== (lasts === null)) yaml.report(['periods', index], 'is and lasts together, or neither');
  }
  for (const [index, { from, to }] of data.identifier.entries()) {
    if (to !== null && to <= from) yaml.report(['identifier', index, 'to'], `a day after ${from}`);
  }
  yaml.throwIfBad();
  return data;
}
