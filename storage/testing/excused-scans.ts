/**
 * Statements that may read a large table whole, by a part of their text, each with the reason. Everything else that the
 * product asks in any test has to find its rows by an index (`plans.ts`).
 */
export const EXCUSED: readonly { readonly text: string; readonly why: string }[] = [
  { text: 'FROM reading_keys', why: 'asks about every key there is: one row a key' },
  {
    text: 'WITH RECURSIVE',
    why: 'how many units lie in each other is unknown to the planner: it prefers to read 5,000 rows, not millions',
  },
  { text: 'SELECT id FROM shipments s WHERE greatest(', why: 'retention asks once an hour about every shipment' },
  { text: 'AS item LIMIT 0', why: 'an export asks for the columns of a query, not for its rows' },
  {
    text: 'SELECT count(*)::integer AS count FROM ( SELECT FROM epcis_events',
    why: 'stops counting at its limit',
  },
  {
    text: 'SELECT id, number FROM audit_entries e WHERE NOT EXISTS',
    why: 'verifying the audit trail reads it whole: a command of an administrator',
  },
  {
    text: 'INSERT INTO packed_readings SELECT * FROM packing_readings',
    why: 'all that a week was packed into, which is all there is in the table',
  },
  {
    text: 'USING (SELECT DISTINCT device_id, metric FROM packing_readings)',
    why: 'the same',
  },
  {
    text: 'SELECT FROM "readings" LIMIT 1',
    why: 'a restore sees whether a table of a fresh schema holds a first row, and reads one at most',
  },
  {
    text: 'WITH caused AS ( SELECT id AS cause FROM audit_entries',
    why: 'verifying the ledger looks for rows without a leaf among all: once a night',
  },
  {
    text: 'WITH caused AS (SELECT id AS cause FROM audit_entries',
    why: 'verifying the ledger looks for rows without a leaf among all: once a night',
  },
  {
    text: "SELECT subject AS cause FROM ( SELECT 'decision' AS kind",
    why: 'verifying the ledger looks for what was signed and has no leaf among all: once a night',
  },
  {
    text: 'WITH stated AS ( SELECT kind, content, sha256 FROM ledger_leaves',
    why: 'verifying the ledger looks for rows that should be stated and are not among all: once a night',
  },
  {
    text: 'WITH decided AS MATERIALIZED ( SELECT DISTINCT ca.alert FROM case_decisions',
    why: 'statistics ask of every alert of a month whether somebody decided on its goods: people sign each decision',
  },
  { text: 'SELECT count(*) AS waiting FROM ledger_pending', why: 'holds what has no place yet: a second’s worth' },
  { text: 'SELECT FROM ledger_pending WHERE', why: 'holds what has no place yet: a second’s worth' },
  { text: 'JOIN ledger_pending USING (subject)', why: 'holds what has no place yet: a second’s worth' },
  {
    text: 'CREATE TEMP TABLE export_leaves',
    why: 'an export proves every entry of its span: a command',
  },
  {
    text: 'SELECT shipment FROM goods_watch WHERE $1 ORDER BY',
    why: 'another rule on goods judges every shipment anew: one row a shipment',
  },
  {
    text: 'FROM epcis_master_data WHERE',
    why: 'a master data query asks of every place and product there is: one row each, which people or partners wrote',
  },
  {
    text: 'JOIN epcis_master_data m ON m.id = given.id',
    why: 'a query of events by what is known of their places and products asks of all of those once, and of events by time',
  },
  { text: 'AS count FROM erp_systems', why: 'people register each ERP system by hand, at most as many as this counts' },
  { text: 'SELECT (SELECT count(*) FROM audit_entries)', why: 'verifying the audit trail counts it: a command' },
];
