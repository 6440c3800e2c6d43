import { beforeEach, expect, test } from 'vitest';
import { ManualTime, silentMeter } from '../domain/index.ts';
import { type Database, Deletions, PostgresAuditTrail } from '../storage/index.ts';
import { testDatabase } from '../storage/testing/database.ts';
import { by } from '../storage/testing/people.ts';
import { FileRetention } from './file-retention.ts';
import { PartnerFiles, PartnerQuotas, type System, SystemFiles, SystemQuotas } from './index.ts';

const DAY = 86_400_000;
const NOW = Date.parse('2026-11-22T10:00:00Z');
const AGE = { ms: 100 * DAY, text: '100d' };
const ACME = { id: 'acme', name: 'Acme' };
const WMS = { id: 'wms', file: { quota: { filesPerDay: 1_000, bytesPerDay: 1_000_000 } } } as unknown as System;
const WHO = by('quality');
const EPC = 'urn:epc:id:sgtin:0614141.812345.1';

let database: Database;
/** Any time, earlier ones too. */
class SetTime extends ManualTime {
  at = NOW;
  override now(): number {
    return this.at;
  }
}
let time: SetTime;
let partnerFiles: PartnerFiles;
let systemFiles: SystemFiles;
let retention: FileRetention;

beforeEach(async () => {
  database = await testDatabase();
  time = new SetTime(NOW);
  const parts = { audit: new PostgresAuditTrail({ database }), database, meter: silentMeter, time };
  partnerFiles = new PartnerFiles({ ...parts, quotas: new PartnerQuotas(parts) });
  systemFiles = new SystemFiles({ ...parts, quotas: new SystemQuotas(parts) });
  retention = new FileRetention({ ...parts, deletions: new Deletions({ database }) });
  await database.query(
    `INSERT INTO partners (id, name, roles, endpoints, public_keys, secret_prints, sees, sends, formats, changed_at, changed_by)
     VALUES ('acme', 'Acme', '{}', '{}', '[]', '{}', '{}', '{}', '{}', now(), 'test')`,
  );
});

type Fate = 'taken' | 'asked' | 'refused';

/** A file of the partner, so many days ago, and what became of it. */
async function came(content: string, days: number, fate: Fate | null = 'taken', subject: string | null = null) {
  time.at = NOW - days * DAY;
  const file = await partnerFiles.keep(ACME, { via: 'https', name: content, content: Buffer.from(content) }, WHO);
  if (fate !== null && file.fate === 'waiting')
    await partnerFiles.settle(file, { fate, subject, format: null, reason: null, events: 0 }, WHO);
  time.at = NOW;
  return file.id;
}

const sweep = (...shipments: string[]) => retention.sweep(AGE, { shipments: new Set(shipments), ranges: [] });
const contentOf = async (id: number) => (await partnerFiles.find('acme', id))?.content?.toString() ?? null;

test('what is old goes, told in the audit trail; hash, fate and when it went stay', async () => {
  const [old, young] = [await came('old', 101), await came('young', 99)];
  await came('today', 0);
  expect(await sweep()).toBe(1);
  expect([await contentOf(old), await contentOf(young)]).toEqual([null, 'young']);
  const found = await partnerFiles.find('acme', old);
  expect(found).toMatchObject({ name: 'old', bytes: 3, fate: 'taken', contentGoneAt: NOW });
  const { rows } = await database.query(
    "SELECT leaf::json -> 'new' AS new, leaf::json ->> 'subject' AS subject FROM audit_entries WHERE action = 'retention.files'",
  );
  expect(rows).toEqual([
    { subject: 'partner:acme', new: { deletion: expect.anything(), files: [{ file: old, sha256: found?.sha256 }] } },
  ]);
  const deleted = await new Deletions({ database }).list({ limit: 10 });
  expect(deleted).toMatchObject([{ what: 'files', setting: 'retention.files=100d', deleted: 1, kept: 0 }]);
  // Once is enough.
  expect(await sweep()).toBe(0);
  expect(await new Deletions({ database }).list({ limit: 10 })).toHaveLength(1);
});

test('what waits for somebody, or is about a shipment that is kept, stays', async () => {
  await database.query(
    `INSERT INTO shipment_lines (shipment, epc, is_serial, is_noticed) VALUES ('S-2', $1, true, true)`,
    [EPC],
  );
  await database.query(
    `INSERT INTO epcis_events (position, index, capture, content, is_declaration, type, event_time, record_time, parents, epcs, inputs,
       outputs, any_epcs, context, event)
     VALUES (1, 0, 'c-1', 'digest', false, 'ObjectEvent', 0, 0, '{}', ARRAY[$1], '{}', '{}', ARRAY[$1], '{}', '{}')`,
    [EPC],
  );
  const ids = [
    await came('waits', 200, null),
    await came('asked', 200, 'asked', 'case:1'),
    await came('became a shipment', 200, 'taken', 'shipment:S-1'),
    await came('names a serial of one', 200, 'taken', 'capture:c-1'),
    await came('refused', 200, 'refused'),
  ];
  await came('today', 0);
  expect(await sweep('S-1', 'S-2')).toBe(1);
  const there = async () => (await Promise.all(ids.map(contentOf))).map((content) => content !== null);
  expect(await there()).toEqual([true, true, true, true, false]);
  expect(await sweep('S-2')).toBe(1);
  expect(await sweep()).toBe(1);
  expect(await there()).toEqual([true, true, false, false, false]);
});

test('bytes that came again stay as long as the youngest needs them, and are kept anew once they went', async () => {
  const [first, again] = [await came('same', 150), await came('same', 50)];
  expect(await sweep()).toBe(0);
  expect([await contentOf(first), await contentOf(again)]).toEqual(['same', 'same']);
  time.at = NOW + 60 * DAY;
  await came('newer', -60);
  time.at = NOW + 60 * DAY;
  expect(await sweep()).toBe(2);
  expect(await contentOf(again)).toBeNull();
  const third = await came('same', -60);
  expect(await partnerFiles.find('acme', third)).toMatchObject({ fate: 'repeated', repeats: first });
  expect([await contentOf(first), await contentOf(third)]).toEqual(['same', 'same']);
});

test('a clock that has jumped ahead makes nothing old', async () => {
  const id = await came('of today', 0);
  time.at = NOW + 10_000 * DAY;
  expect(await sweep()).toBe(0);
  expect(await contentOf(id)).toBe('of today');
});

test('of a system likewise: what a shipment came from stays while the shipment is kept', async () => {
  const brought = async (content: string, days: number, subject: string | null) => {
    time.at = NOW - days * DAY;
    const file = await systemFiles.keep(WMS, { via: 'folder', name: content, content: Buffer.from(content) }, WHO);
    await database.query("UPDATE erp_files SET fate = 'taken' WHERE id = $1", [file.id]);
    if (subject !== null)
      await database.query(
        `INSERT INTO erp_documents (system, kind, number, content_hash, said, file, at, is_current, subject)
         VALUES ('wms', 'delivery', $1, '', '{}', $2, now(), true, $3)`,
        [content, file.id, subject],
      );
    time.at = NOW;
    return file.id;
  };
  const [plain, delivery, young] = [
    await brought('plain', 150, null),
    await brought('delivery', 150, 'shipment:S-1'),
    await brought('young', 1, null),
  ];
  const there = async () =>
    Promise.all([plain, delivery, young].map(async (id) => (await systemFiles.get('wms', id)).content !== null));
  expect(await sweep('S-1')).toBe(1);
  expect(await there()).toEqual([false, true, true]);
  expect(await sweep()).toBe(1);
  expect(await there()).toEqual([false, false, true]);
  await brought('plain', 0, null);
  expect((await systemFiles.get('wms', plain)).content?.toString()).toBe('plain');
});

test('more than a page at once goes, and what is kept among it does not hold up the rest', async () => {
  await database.query(
    `INSERT INTO partner_files (partner, partner_name, direction, via, name, bytes, sha256, content, at, by, fate)
     SELECT 'acme', 'Acme', 'in', 'https', 'f', 1, n::text, 'x', $1::timestamptz + n * interval '1 second', 'test',
       CASE WHEN n % 2 = 0 THEN 'asked' ELSE 'refused' END
     FROM generate_series(1, 1001) n`,
    [new Date(NOW - 200 * DAY)],
  );
  await came('today', 0);
  expect(await sweep()).toBe(501);
  expect(await sweep()).toBe(0);
});
