import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger, systemTime } from '../../domain/index.ts';
import { effectsOf } from '../effects.ts';
import { testDatabase } from '../testing/database.ts';
import { checkpointText, parseCheckpoint } from './checkpoint.ts';
import { addLeaves, Ledger, LedgerSequencer, parseProof, provenBy, SigningKey, Witness, Witnessing } from './index.ts';
import { EMPTY_ROOT } from './merkle.ts';
import { parseNote, signersOf } from './note.ts';

/* Two installations: one whose ledger grows, and a partner that cosigns it. */

const [own, partner] = [await testDatabase(), await testDatabase()];
const name = (id: string) => `isotherm-${id.slice(0, 12)}/ledger`;
const key = SigningKey.random(name);
const witnessKey = SigningKey.random(name).asWitness();
const ledger = new Ledger({ database: own });
const witness = new Witness({ database: partner, time: systemTime, logs: [key.verifier], key: async () => witnessKey });

async function grow(n: number): Promise<void> {
  await own.transaction((client) =>
    addLeaves(
      effectsOf(client),
      Array.from({ length: n }, (_, at) => ({ kind: 'decision', subject: `case:${at}`, content: at })),
    ),
  );
  await new LedgerSequencer({ database: own, time: systemTime, logger: silentLogger, key: async () => key }).placeAll();
}

async function request(old: number, changes: { path?: Buffer[]; note?: string } = {}): Promise<string> {
  const latest = await ledger.latest();
  const path = changes.path ?? (await ledger.tree(latest?.checkpoint.size ?? 0).consistency(old));
  const proof = path.map((hash) => `${hash.toString('base64')}\n`).join('');
  return `old ${old}\n${proof}\n${changes.note ?? latest?.note}`;
}

const signed = (text: string, by = key) => `${text}\n${by.signatureOf(text)}`;
const size = async () => (await ledger.latest())?.checkpoint.size ?? 0;

beforeEach(async () => {
  await partner.query('TRUNCATE ledger_witnessed');
  await own.query('TRUNCATE ledger_cosignatures');
  await grow(5);
});

describe('a witness', () => {
  it('cosigns a log it knows, and again what has grown from there', async () => {
    const first = await witness.addCheckpoint(await request(0));
    expect(first.status).toBe(200);
    const text = parseNote((await ledger.latest())?.note ?? '').text;
    expect(signersOf(parseNote(`${text}\n${first.body}`), [witnessKey.cosigner])).toHaveLength(1);
    const before = await size();
    expect((await witness.addCheckpoint(await request(before))).status).toBe(200);
    await grow(300);
    expect((await witness.addCheckpoint(await request(before))).status).toBe(200);
    const kept = await witness.cosigned(createHash('sha256').update(key.name).digest('hex'));
    const { checkpoint, note } = parseCheckpoint(kept ?? '');
    expect(checkpoint.size).toBe(before + 300);
    expect(signersOf(note, [key.verifier, witnessKey.cosigner])).toHaveLength(2);
    expect(await witness.cosigned('0'.repeat(64))).toBeNull();
  });

  it('answers as tlog-witness says to what it does not cosign', async () => {
    const answer = async (body: string) => (await witness.addCheckpoint(body)).status;
    const root = (await ledger.latest())?.checkpoint.root ?? EMPTY_ROOT;
    const now = await size();
    for (const malformed of [
      '',
      'old 0\n',
      'old 01\n\nx',
      'old -1\n\nx',
      `old 0\nnot base64\n\n${(await ledger.latest())?.note}`,
    ]) {
      expect(await answer(malformed)).toBe(400);
    }
    const many = Array.from({ length: 64 }, () => EMPTY_ROOT);
    expect(await answer(await request(0, { path: many }))).toBe(400);
    const stranger = SigningKey.random(name);
    const theirs = checkpointText({ origin: stranger.name, size: now, root });
    expect(await answer(await request(0, { note: signed(theirs, stranger) }))).toBe(404);
    const forged = checkpointText({ origin: key.name, size: now, root });
    expect(await answer(await request(0, { note: signed(forged, stranger) }))).toBe(403);
    const broken = signed(forged).replace(`\n${now}\n`, `\n${now + 1}\n`);
    expect(await answer(await request(0, { note: broken }))).toBe(403);
    expect(await answer(await request(0, { path: [EMPTY_ROOT] }))).toBe(422);
    expect(await answer(`old ${now + 1}\n\n${(await ledger.latest())?.note}`)).toBe(400);
    expect(await witness.addCheckpoint(await request(1))).toEqual({ status: 409, body: '0\n' });
    const empty = checkpointText({ origin: key.name, size: 0, root });
    expect(await answer(await request(0, { path: [], note: signed(empty) }))).toBe(422);
    expect(await answer(await request(0))).toBe(200);
    expect(await witness.addCheckpoint(await request(0))).toEqual({ status: 409, body: `${now}\n` });
    const other = checkpointText({ origin: key.name, size: now, root: EMPTY_ROOT });
    expect(await answer(await request(now, { path: [], note: signed(other) }))).toBe(422);
    const rewritten = checkpointText({ origin: key.name, size: now + 1, root: EMPTY_ROOT });
    expect(await answer(await request(now, { path: [EMPTY_ROOT], note: signed(rewritten) }))).toBe(422);
  });

  it('rolls nothing back where two ask at once', async () => {
    expect((await witness.addCheckpoint(await request(0))).status).toBe(200);
    const before = await size();
    await grow(1);
    const small = await request(before);
    await grow(5);
    const large = await request(before);
    const answers = await Promise.all([small, large].map((body) => witness.addCheckpoint(body)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  });
});

describe('the own ledger', () => {
  const servers: Server[] = [];
  afterAll(() => {
    for (const server of servers) server.close();
  });

  /** The partner's door. */
  async function door(): Promise<string> {
    const server = createServer(async (asked, response) => {
      const body = (await asked.toArray()).join('');
      const answer =
        asked.url === '/ledger/add-checkpoint' ? await witness.addCheckpoint(body) : { status: 500, body: '' };
      response.writeHead(answer.status).end(answer.body);
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/ledger`;
  }

  it('is cosigned by a witness, whatever size that had come to, and proofs carry it', async () => {
    const results: unknown[] = [];
    const witnesses = [{ url: await door(), key: witnessKey.cosigner }];
    const witnessing = new Witnessing({
      ...{ database: own, time: systemTime, witnesses },
      onResult: (_, error) => results.push(error),
    });
    await witnessing.askAll();
    await grow(40);
    await own.query('TRUNCATE ledger_cosignatures');
    await witnessing.askAll();
    await witnessing.askAll();
    expect(results).toEqual([null, null, null]);
    const note = (await ledger.latest())?.note ?? '';
    expect(signersOf(parseNote(note), [key.verifier, witnessKey.cosigner])).toHaveLength(2);
    await grow(1);
    // Of a leaf that the witness has seen; the newest checkpoint is not cosigned yet.
    const { signers } = provenBy(parseProof(await ledger.prove('case:30')), [key.verifier, witnessKey.cosigner]);
    expect(signers).toHaveLength(2);
  });

  // A backup was put back, and nobody was told as long as nothing new was recorded.
  it('is told that a witness has seen more, although nothing new was signed here since', async () => {
    const results: unknown[] = [];
    const witnesses = [{ url: await door(), key: witnessKey.cosigner }];
    const ask = () =>
      new Witnessing({
        ...{ database: own, time: systemTime, witnesses },
        onResult: (_, error) => results.push(error),
      }).askAll();
    await ask();
    await partner.query('UPDATE ledger_witnessed SET size = size + 5');
    await ask();
    await partner.query(`UPDATE ledger_witnessed SET size = size - 6, root = sha256('other')`);
    await own.query('TRUNCATE ledger_cosignatures');
    await ask();
    expect(results).toMatchObject([
      null,
      { code: 'LEDGER_FORKED', message: expect.stringContaining('leaves, and there are') },
      { code: 'LEDGER_FORKED', message: expect.stringContaining('it has cosigned another history') },
    ]);
  });

  it('says so where a witness is away, signs with another key, or has seen more', async () => {
    const results: unknown[] = [];
    const url = await door();
    const ask = (at: { url: string; key: typeof witnessKey.cosigner }) =>
      new Witnessing({
        ...{ database: own, time: systemTime, witnesses: [at] },
        onResult: (_, error) => results.push(error),
      }).askAll();
    await ask({ url, key: key.cosigner });
    await ask({ url: 'http://127.0.0.1:1/ledger', key: witnessKey.cosigner });
    await partner.query('UPDATE ledger_witnessed SET size = 1000000');
    await own.query('TRUNCATE ledger_cosignatures');
    await ask({ url, key: witnessKey.cosigner });
    expect(results.map((error) => (error as Error).message)).toEqual([
      expect.stringContaining('has not signed with its key'),
      expect.stringContaining('cannot be reached'),
      expect.stringContaining('it has cosigned 1000000 leaves, and there are'),
    ]);
  });
});
