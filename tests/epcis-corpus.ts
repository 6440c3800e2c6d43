/**
 * Sends every file of a folder of EPCIS samples (1.0 to 2.0, XML and JSON-LD, SOAP requests, queries, Postman collections)
 * to an Isotherm and says what was answered, beside what GS1's own schemas say of the file; what was taken is asked for again,
 * in JSON-LD and in XML of 2.0 and 1.2, and held against the schemas and its event hashes:
 *
 *     node tests/epcis-corpus.ts [--schemas CHECKOUT] [--url URL --token TOKEN] FOLDER...
 *
 * CHECKOUT is one of github.com/gs1/EPCIS; xmllint must be there. Without `--url` an Isotherm of its own is started for each
 * folder and is gone afterwards. Prints a line a file; those that begin with DIFFERS are for people: one of the two is wrong.
 * What came of it is in docs/epcis-corpus.md. It ends with 0 whatever differs: some files are wrong.
 */
import { globSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { documentText, eventHashId, readEpcisEach } from '../codecs/epcis/index.ts';
import { differenceFrom, expectedBeside } from './corpus/answers.ts';
import { Gs1Schemas } from './corpus/gs1-schemas.ts';
import { type CorpusAnswer, Repository } from './corpus/repository.ts';
import { type CorpusRequest, requestsIn } from './corpus/requests.ts';
import { isotherm, startIsotherm } from './isotherm-process.ts';

const { values: asked, positionals: folders } = parseArgs({
  allowPositionals: true,
  options: { schemas: { type: 'string' }, url: { type: 'string' }, token: { type: 'string' } },
});
const { url, token } = asked;
if (folders.length === 0 || (url === undefined) !== (token === undefined)) {
  process.stderr.write('usage: node tests/epcis-corpus.ts [--schemas CHECKOUT] [--url URL --token TOKEN] FOLDER...\n');
  process.exit(2);
}
const schemas = asked.schemas === undefined ? null : new Gs1Schemas(asked.schemas);

for (const folder of folders) {
  if (url !== undefined && token !== undefined) await sendAll(folder, new Repository(url, token));
  else await ofItsOwn((repository) => sendAll(folder, repository));
}

async function ofItsOwn(work: (repository: Repository) => Promise<void>): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'isotherm-corpus-'));
  const config = join(dataDir, 'isotherm.yaml');
  writeFileSync(config, JSON.stringify({ outgoing: { allow: ['127.0.0.1', 'localhost', '192.168.0.1'] } }));
  const server = await startIsotherm({ command: 'serve', args: ['--config', config], dataDir });
  try {
    const made = await isotherm(['token', 'create', 'corpus', '--role', 'admin', '--config', config], { dataDir });
    await work(new Repository(server.httpUrl, made.stdout.trim()));
  } finally {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function sendAll(folder: string, repository: Repository): Promise<void> {
  const counts = { files: 0, requests: 0, taken: 0, refused: 0, differ: 0, events: 0 };
  const files = globSync('**/*.{xml,json,jsonld}', { cwd: folder }).filter(
    (name) => statSync(join(folder, name)).isFile() && basename(dirname(name)) !== 'responses',
  );
  // What is captured stands before what asks for it, as far as the names of folders say.
  const ordered = files.sort(
    (one, other) => Number(/quer/i.test(one)) - Number(/quer/i.test(other)) || (one < other ? -1 : 1),
  );
  for (const file of ordered) {
    const path = join(folder, file);
    const requests = requestsIn(file, readFileSync(path));
    if (requests.length > 0) counts.files++;
    for (const request of requests) {
      const answer = await repository.answer(request);
      counts.requests++;
      if (answer.isTaken) counts.taken++;
      else counts.refused++;
      const fault = faultOf(request);
      const isValid = request.isMeantWell && (fault ?? null) === null;
      const expected = request.to === 'xml query' ? expectedBeside(path) : null;
      const differences = [
        ...(expected !== null || answer.isTaken === isValid ? [] : [answer.isTaken ? 'taken' : 'refused']),
        ...wronglyAnswered(request, answer, expected),
        ...(answer.isTaken && request.to === 'capture' ? await wronglyGiven(request, { repository, counts }) : []),
      ];
      if (differences.length > 0) counts.differ++;
      const said = answer.isTaken ? '' : `: ${reasonOf(answer.text)}`;
      const schema = fault === undefined ? 'no schema' : fault === null ? 'valid' : `invalid: ${fault}`;
      process.stdout.write(
        `${differences.length > 0 ? 'DIFFERS' : 'as expected'} | ${request.name} | ${request.to} ${answer.status}${said} | ${schema}` +
          `${differences.map((one) => ` | ${one}`).join('')}\n`,
      );
    }
  }
  process.stdout.write(`${folder}: ${JSON.stringify(counts)}\n`);
}

/** By GS1's schemas. Undefined: they say nothing of it, or are not here. */
function faultOf({ to, isXml, body }: CorpusRequest): string | null | undefined {
  if (schemas === null) return undefined;
  if (isXml) return schemas.faultOfXml(body);
  return schemas.faultOfJson(body.toString('utf8'), to === 'query' ? 'query' : 'document');
}

function wronglyAnswered({ to }: CorpusRequest, { text }: CorpusAnswer, expected: string | null): string[] {
  if (to !== 'xml query') return [];
  const difference = expected === null ? null : differenceFrom(expected, text);
  const fault = schemas?.faultOfXml(text) ?? null;
  return [...(difference === null ? [] : [difference]), ...(fault === null ? [] : [`answer invalid: ${fault}`])];
}

/** What was taken, asked for again: in each form valid by GS1's schemas, and the same events by their hashes. */
async function wronglyGiven(
  { body }: CorpusRequest,
  { repository, counts }: { repository: Repository; counts: { events: number } },
): Promise<string[]> {
  const { hashes: wanted, times } = said(documentText(Buffer.from(body)));
  if (wanted.length === 0) return [];
  counts.events += wanted.length;
  // What another file said already is there since then, so that the time of recording tells nothing.
  const between = {
    from: new Date(Math.min(...times)).toISOString(),
    to: new Date(Math.max(...times) + 1).toISOString(),
  };
  const json = await repository.between(between, 'application/ld+json');
  const xml = await repository.between(between, 'application/xml');
  const old = (await repository.betweenInOld(between)).text;
  const faults = [schemas?.faultOfJson(json, 'document'), schemas?.faultOfXml(xml), schemas?.faultOfXml(old)];
  const forms = ['JSON-LD', 'XML', 'XML of 1.2'];
  return [
    ...faults.flatMap((fault, at) =>
      typeof fault === 'string' ? [`${forms[at]} given back is invalid: ${fault}`] : [],
    ),
    ...[json, xml].flatMap((text, at) => {
      const given = new Set(said(text).hashes);
      const missing = wanted.filter((hash) => !given.has(hash)).length;
      return missing === 0 ? [] : [`${forms[at]} given back: ${missing} of ${wanted.length} hashes missing`];
    }),
  ];
}

/** Event hashes of a document, and its event times in ms. */
function said(text: string): { readonly hashes: readonly string[]; readonly times: readonly number[] } {
  const reading = readEpcisEach(text);
  return {
    hashes: reading.events.map((event) => eventHashId(event, reading)),
    times: reading.events.map(({ eventTime }) => Date.parse(eventTime)),
  };
}

function reasonOf(text: string): string {
  const reason = /<reason>([^<]*)/.exec(text)?.[1] ?? /"detail":"((?:[^"\\]|\\.)*)"/.exec(text)?.[1];
  const refusals = [...text.matchAll(/"(?:path|given|allowed)":"((?:[^"\\]|\\.)*)"/g)].map(([, one]) => one);
  return `${reason ?? text} ${refusals.slice(0, 3).join(' / ')}`.replaceAll(/\s+/g, ' ').slice(0, 260);
}
