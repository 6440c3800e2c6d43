import type pg from 'pg';
import type { DoorManifest } from '../../domain/index.ts';
import type { Queries } from '../client.ts';

/** The last manifest of a gateway, as far as it is remembered here. */
export interface KeptManifest {
  readonly version: number;
  readonly madeAt: number;
  /** Of what it says. */
  readonly digest: string;
}

export async function lastManifest(client: Queries, gateway: string): Promise<KeptManifest | null> {
  const { rows } = await client.query<KeptManifest>(
    'SELECT version, made_at AS "madeAt", digest FROM door_manifests WHERE gateway = $1',
    [gateway],
  );
  return rows[0] ?? null;
}

/** Remembers a manifest before it is sent, so that no other one ever has its version. */
export async function keepManifest(
  client: pg.ClientBase,
  manifest: DoorManifest,
  { digest, bytes }: { readonly digest: string; readonly bytes: number },
): Promise<void> {
  const { gateway, version, madeAt, completeUntil, shipments, things, left } = manifest;
  await client.query(
    `INSERT INTO door_manifests (gateway, version, made_at, complete_until, digest, shipments, things,
       left_shipments, left_things, bytes)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
     ON CONFLICT (gateway) DO UPDATE SET version = excluded.version, made_at = excluded.made_at,
       complete_until = excluded.complete_until, digest = excluded.digest, shipments = excluded.shipments,
       things = excluded.things, left_shipments = excluded.left_shipments, left_things = excluded.left_things,
       bytes = excluded.bytes`,
    [
      ...[gateway, version, madeAt, completeUntil, digest, shipments.length, things.length],
      ...[left?.shipments ?? 0, left?.things ?? 0, bytes],
    ],
  );
}
