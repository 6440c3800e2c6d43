import { readFile } from 'node:fs/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { silentLogger, systemTime } from '../../domain/index.ts';
import { Ledger, LedgerSequencer, parseProof, provenBy, SigningKey, verifyLedger } from '../../storage/index.ts';
import { excursionsOf, type Lot } from './testing/excursions.ts';
import { Installation } from './testing/installation.ts';

const house = await Installation.start();
afterAll(() => house.stop());

const { ask, person, excursion, revisionOf, bySigner, alone, decide } = excursionsOf(house);

describe('the ledger', () => {
  const key = SigningKey.random((id) => `isotherm-${id.slice(0, 12)}/ledger`);
  const head = { read: async () => null, keep: async () => undefined };
  const place = () =>
    new LedgerSequencer({
      ...{ database: house.database, time: systemTime, logger: silentLogger, key: async () => key, head },
    }).placeAll();
  /** What a verification says of a case, without the numbers of leaves. */
  const faultsOf = async ({ id }: Lot) => {
    const { faults } = await verifyLedger({ database: house.database, keys: [key.verifier], kept: null });
    return faults
      .map(({ what, fault }) => `${what}: ${fault}`.replace(/^leaf \d+ /, ''))
      .filter((one) => one.includes(id));
  };
  /** With the rights of the tables' owner, past every trigger. */
  const bySql = (sql: string) =>
    house.database.transaction(async (client) => {
      await client.query('SET LOCAL session_replication_role = replica');
      await client.query(sql);
    });
  const decided = async () => {
    await house.ask('quality', 'PUT', '/products/80614141999992', { name: 'Dear', profile: '2-8C', valueClass: 5 });
    const [lot, one, two] = [await excursion({ gtin: '899999' }), await person(), await person()];
    await decide(lot, one.cookie, bySigner(one.name), { disposition: 'release' });
    const signed = await ask(
      'POST',
      `/cases/${lot.id}/decisions/1/signatures`,
      { signature: bySigner(two.name) },
      two.cookie,
    );
    expect(signed.status).toBe(201);
    const stepped = await ask(
      'POST',
      `/cases/${lot.id}/steps`,
      {
        ...{ revision: await revisionOf(lot.id), reason: 'looked at', signature: alone },
        step: { step: 'excuse', alert: lot.alert },
      },
      two.cookie,
    );
    expect(stepped.status).toBe(201);
    return { lot, one, two };
  };

  test('proves a decision, each of its signatures, a step, and that the log was told of the decision', async () => {
    const { lot, one, two } = await decided();
    await place();
    const { body } = await ask('GET', `/cases/${lot.id}/decisions/1/record`, undefined, one.cookie);
    const ledger = new Ledger({ database: house.database });
    const proven = async (subject: string) => provenBy(parseProof(await ledger.prove(subject)), [key.verifier]);
    const { recordHash } = body;
    expect(await proven(`decision:${lot.id}/1`)).toMatchObject({
      kind: 'decision',
      content: { content: { case: lot.id, number: 1, disposition: 'release', reason: 'too warm', recordHash } },
    });
    const signature = { case: lot.id, recordHash, signatureHash: expect.stringMatching(/^[0-9a-f]{64}$/) };
    expect(await proven(`signature:decision:${lot.id}/1/1`)).toMatchObject({
      content: { content: { ...signature, name: one.name, inForceAt: null } },
    });
    expect(await proven(`signature:decision:${lot.id}/1/2`)).toMatchObject({
      content: { content: { ...signature, name: two.name, inForceAt: expect.any(Number) } },
    });
    expect(await proven(`step:${lot.id}/1`)).toMatchObject({
      content: { content: { detail: { step: 'excuse', alert: lot.alert }, undoes: null } },
    });
    expect(await proven(`signature:step:${lot.id}/1/1`)).toMatchObject({ content: { content: { name: two.name } } });
    const facts = await house.database.query<{ content: string }>(
      `SELECT content FROM ledger_leaves WHERE kind = 'decision-fact' AND subject = $1`,
      [`case:${lot.id}`],
    );
    expect(facts.rows.map(({ content }) => JSON.parse(content))).toMatchObject([
      { content: { fact: { type: 'decision', decision: { case: lot.id, number: 1, epcs: lot.serials, recordHash } } } },
    ]);
    expect(await faultsOf(lot)).toEqual([]);
  });

  test('names each row of decisions, steps and signatures that SQL changed, removed or put in', async () => {
    const { lot } = await decided();
    await place();
    const number = Number(lot.id.slice(2));
    const tables = ['case_decisions', 'case_decision_serials', 'case_steps', 'case_signatures'];
    const record = `(decision): changed: the record of decision:${lot.id}/1 says something else`;
    const gone = `(decision): removed: the record of decision:${lot.id}/1 does not have it`;
    const step = `(step): changed: the record of step:${lot.id}/1 says something else`;
    const second = `(signature): changed: the record of signature:decision:${lot.id}/1/2 says something else`;
    const noLeaf = 'it has no leaf in the ledger: it was put in past it, or its leaf was removed';
    const of = `WHERE case_number = ${number}`;
    const ofSecond = `${of} AND about = 'decision' AND place = 2`;
    const hashed = (column: string) => `encode(sha256(convert_to(${column}, 'UTF8')), 'hex')`;
    const changed = `replace(record, 'too warm', 'all well')`;
    const trials: readonly (readonly [string, string])[] = [
      [`UPDATE case_decisions SET record = ${changed} ${of}`, record],
      [`UPDATE case_decisions SET record = ${changed}, record_hash = ${hashed(changed)} ${of}`, record],
      [`UPDATE case_decisions SET disposition = 'reject' ${of}`, record],
      [`UPDATE case_decisions SET reason = 'all well' ${of}`, record],
      [`UPDATE case_decisions SET revision = 9 ${of}`, record],
      [`UPDATE case_decisions SET scope_lot = 'A17' ${of}`, record],
      [`UPDATE case_decisions SET needs_second = false ${of}`, record],
      [`UPDATE case_decisions SET made_at = made_at - 1 ${of}`, record],
      [`DELETE FROM case_decisions ${of}`, gone],
      [`DELETE FROM case_decision_serials ${of} AND epc = '${lot.serials[0]}'`, record],
      [`INSERT INTO case_decision_serials VALUES (${number}, 'urn:epc:id:sgtin:0614141.899999.1', 1)`, record],
      [`UPDATE case_decisions SET in_force_at = in_force_at - 1 ${of}`, second],
      [`DELETE FROM case_signatures ${ofSecond}`, record],
      [
        `DELETE FROM case_signatures ${ofSecond}`,
        `(signature): removed: the record of signature:decision:${lot.id}/1/2 does not have it`,
      ],
      [`UPDATE case_signatures SET user_name = 'paula' ${ofSecond}`, second],
      [`UPDATE case_signatures SET signature = '{}' ${ofSecond}`, second],
      [`UPDATE case_signatures SET signature = 'x', signature_hash = ${hashed(`'x'`)} ${ofSecond}`, second],
      [`UPDATE case_signatures SET user_id = user_id + 1000 ${ofSecond}`, second],
      [`UPDATE case_steps SET detail = '{"step": "excuse", "alert": "other"}' ${of}`, step],
      [`UPDATE case_steps SET record = 'x', record_hash = ${hashed(`'x'`)} ${of}`, step],
      [`UPDATE case_steps SET undoes = 7 ${of}`, step],
      [`DELETE FROM case_steps ${of}`, `(step): removed: the record of step:${lot.id}/1 does not have it`],
      [
        `INSERT INTO case_decisions SELECT case_number, 2, revision, 'reject', scope_group, scope_lot, reason, serials, serials_hash,
           record, record_hash, needs_second, made_at, in_force_at, acted_at FROM case_decisions ${of}`,
        `decision:${lot.id}/2: ${noLeaf}`,
      ],
      [
        `INSERT INTO case_signatures SELECT case_number, about, number, 3, user_id + 1000, user_name, signature, signature_hash
           FROM case_signatures ${ofSecond}`,
        `signature:decision:${lot.id}/1/3: ${noLeaf}`,
      ],
      [
        `INSERT INTO case_steps SELECT case_number, 2, detail, reason, 1, record, record_hash, at, acted_at FROM case_steps ${of}`,
        `step:${lot.id}/2: ${noLeaf}`,
      ],
    ];
    const kept = new Map<string, string>();
    for (const table of tables) {
      const { rows } = await house.database.query<{ rows: string }>(
        `SELECT json_agg(t)::text AS rows FROM ${table} t ${of}`,
      );
      kept.set(table, rows[0]?.rows ?? '[]');
    }
    for (const [sql, fault] of trials) {
      await bySql(sql);
      expect([sql, await faultsOf(lot)]).toEqual([sql, expect.arrayContaining([fault])]);
      for (const table of tables) {
        await house.database.query(`DELETE FROM ${table} ${of}`);
        await house.database.query(
          `INSERT INTO ${table} SELECT * FROM json_populate_recordset(NULL::${table}, $1::json)`,
          [kept.get(table)],
        );
      }
    }
    expect(await faultsOf(lot)).toEqual([]);
  });

  test('names a decision that SQL put in force without its second signature', async () => {
    await house.ask('quality', 'PUT', '/products/80614141999992', { name: 'Dear', profile: '2-8C', valueClass: 5 });
    const [lot, one] = [await excursion({ gtin: '899999' }), await person()];
    await decide(lot, one.cookie, bySigner(one.name), { disposition: 'release' });
    await place();
    expect(await faultsOf(lot)).toEqual([]);
    await bySql(`UPDATE case_decisions SET in_force_at = made_at WHERE case_number = ${Number(lot.id.slice(2))}`);
    expect(await faultsOf(lot)).toEqual([
      `(decision): changed: the record of decision:${lot.id}/1 says something else`,
    ]);
  });

  test('has a leaf of what was signed before there were any', async () => {
    const { lot } = await decided();
    await place();
    const tables = ['ledger_pending', 'ledger_leaves', 'ledger_tiles', 'ledger_checkpoints'];
    await bySql(`TRUNCATE ${tables.join(', ')}`);
    expect(await faultsOf(lot)).toHaveLength(5);
    const migration = await readFile(
      new URL('../../storage/migrations/0335-leaves-of-signed-records.sql', import.meta.url),
      'utf8',
    );
    await house.database.query(migration.slice(migration.indexOf('INSERT INTO')));
    await place();
    expect(await faultsOf(lot)).toEqual([]);
    const proof = parseProof(await new Ledger({ database: house.database }).prove(`decision:${lot.id}/1`));
    expect(provenBy(proof, [key.verifier])).toMatchObject({ content: { content: { case: lot.id, number: 1 } } });
  });
});
