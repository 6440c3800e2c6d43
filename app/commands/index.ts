/** What every file in app/commands/ exports. `argv` is what follows the command's name. */
export interface Command {
  /** @returns exit code: 0 done, 1 a check that failed, 2 bad input */
  run(argv: readonly string[]): Promise<number>;
}

interface CommandEntry {
  readonly name: string;
  readonly usage: string;
  readonly about: string;
  /** Imported only when called, so that a gateway loads no Postgres. */
  readonly load: () => Promise<Command>;
}

export const commands: readonly CommandEntry[] = [
  {
    name: 'serve',
    usage: 'serve [--only PART,...] [--config FILE]',
    about: 'everything on one machine, or parts of it: broker, ingest, trace, rules, alerts, storage, web',
    load: () => import('./serve.ts'),
  },
  {
    name: 'demo',
    usage: 'demo [--config FILE]',
    about: 'serve with simulated readers and loggers over the real protocols',
    load: () => import('./demo.ts'),
  },
  {
    name: 'practice',
    usage: 'practice',
    about: 'what serve starts beside itself for people to practise on; it ends with its input (docs/practice.md)',
    load: () => import('./practice.ts'),
  },
  {
    name: 'gateway',
    usage: 'gateway --config FILE | gateway manifest --config FILE | gateway key [--next]',
    about: 'the edge process: LLRP readers to MQTT; what its doors expect, and how old that is; the key that signs it',
    load: () => import('./gateway.ts'),
  },
  {
    name: 'simulate',
    usage: 'simulate SCENARIO|FILE.yaml | simulate replay FILE.csv | simulate --list',
    about: 'readers and loggers, invented or recorded, against any Isotherm (docs/simulate.md)',
    load: () => import('./simulate.ts'),
  },
  {
    name: 'doctor',
    usage: 'doctor [--config FILE]',
    about:
      "try the platform's MQTT broker and NATS, or with a GATEWAY.yaml look at what a gateway needs, and say what is wrong",
    load: () => import('./doctor.ts'),
  },
  {
    name: 'validate',
    usage: 'validate iq|oq [--out DIRECTORY] [--files-sha256 HEX] | check FILE.json [--key KEY] [--config FILE]',
    about:
      'qualify the installation, or its operation on an instance that is gone afterwards; a signed protocol; check one (docs/validation.md)',
    load: () => import('./validate.ts'),
  },
  {
    name: 'mcp',
    usage: 'mcp [--config FILE]',
    about:
      'answer an assistant on stdin and stdout (Model Context Protocol), under the role of a token (docs/assistants.md)',
    load: () => import('./mcp.ts'),
  },
  {
    name: 'log',
    usage: 'log to-postgres [--patience SECONDS] | log partitions NUMBER [--config FILE]',
    about:
      'the readings of the log leave NATS for PostgreSQL again, read to their end first, or are parted over more of its streams (docs/scaling.md)',
    load: () => import('./log.ts'),
  },
  {
    name: 'llrp',
    usage: 'llrp decode|roundtrip FILE...',
    about: 'LLRP frames as JSON lines, or re-encoded and compared',
    load: () => import('./llrp.ts'),
  },
  {
    name: 'epc',
    usage: 'epc [--filter N] [--company-prefix-length N] INPUT...',
    about: 'an EPC in every form: hex, URIs, element string, Digital Link, as JSON lines',
    load: () => import('./epc.ts'),
  },
  {
    name: 'payload',
    usage: 'payload --topic TOPIC|--dialect NAME [--decoder NAME] [--mapping FILE] < MESSAGE',
    about:
      'what would be taken of a message of a sensor, and what not and why, as JSON lines (docs/mqtt.md, docs/mappings.md)',
    load: () => import('./payload.ts'),
  },
  {
    name: 'logger-file',
    usage:
      'logger-file FILE --zone ZONE [--device ID] [--mapping FILE] [--twice first|second] [--dry-run] [--config FILE]',
    about: 'take in a file that a logger was read out into, and say what was taken, as JSON (docs/logger-files.md)',
    load: () => import('./logger-file.ts'),
  },
  {
    name: 'epcis',
    usage: 'epcis check|hash FILE...',
    about: 'whether EPCIS documents are valid, or where and why not; event hash IDs; as JSON lines',
    load: () => import('./epcis.ts'),
  },
  {
    name: 'rules',
    usage: 'rules check|test|backtest ...',
    about:
      'validate rule files; run their tests; run them over a CSV of readings and, with `--context`, over what doors saw',
    load: () => import('./rules.ts'),
  },
  {
    name: 'alerts',
    usage:
      'alerts route ALERT|--severity SEVERITY [--kind KIND] [--site ID,...] [--profile ID,...] [--product GTIN,...] [--label NAME=VALUE,...] [--at TIME] | silence list|add --reason TEXT --for DURATION|--until TIME [--site ID,...] [--device ID,...] [--rule ID,...] ...|end ID [--config FILE]',
    about:
      'who is told of an alert, real or invented, by which channel, when and why; of which alerts nobody is told for a while; as JSON lines (docs/routing.md)',
    load: () => import('./alerts.ts'),
  },
  {
    name: 'user',
    usage:
      'user list | create NAME --role ROLE [--sites SITE,SITE] [--password-stdin] [--if-absent] | role NAME ROLE | sites NAME all|SITE,SITE | password NAME [--password-stdin] | rename NAME NEW | disable|enable|reset-factor|readmit|delete NAME',
    about: 'people who may sign in',
    load: () => import('./user.ts'),
  },
  {
    name: 'role',
    usage:
      'role list | create NAME --permissions PERMISSION,... [--about TEXT] [--second-factor] | change NAME [--permissions PERMISSION,...] [--about TEXT] [--second-factor|--no-second-factor] | delete NAME',
    about: 'what people and tokens may: the built-in roles, and sets of permissions with a name (docs/permissions.md)',
    load: () => import('./role.ts'),
  },
  {
    name: 'token',
    usage:
      'token list | create NAME --role ROLE [--scope PERMISSION,...] [--sites SITE,SITE] [--expires 90d] | revoke NAME',
    about: 'API tokens; a new one is printed, this once',
    load: () => import('./token.ts'),
  },
  {
    name: 'device',
    usage:
      'device list | create ID [--kind device|gateway|service] [--speaks-for ID,...] | change ID [--kind KIND] [--speaks-for ID,...] | rotate|revoke ID',
    about: 'MQTT credentials of devices, gateways and services; new ones are printed as JSON, this once',
    load: () => import('./device.ts'),
  },
  {
    name: 'export',
    usage: 'export DIRECTORY [--format csv|parquet] [--from TIME] [--to TIME] [--shipment ID] [--config FILE]',
    about: 'the records as CSV or Parquet and JSON lines, with a manifest of hashes (docs/keeping.md)',
    load: () => import('./export.ts'),
  },
  {
    name: 'records',
    usage:
      'records --gtin GTIN --serial SERIAL | --gtin GTIN --lot LOT | --shipment ID | --from TIME --to TIME [--format json|jws|epcis|pdf] [--out FILE] [--config FILE]',
    about: 'transaction information and statement of a serial, a lot, a shipment or a period (docs/partners.md)',
    load: () => import('./records.ts'),
  },
  {
    name: 'readiness',
    usage:
      'readiness --market MARKET --shipment ID | --market MARKET --site SITE [--day DAY] [--format json|csv|pdf] [--out FILE] [--config FILE]',
    about:
      'what a market asks for and nobody has told, pack by pack with the clause, of a shipment or a site (docs/markets.md)',
    load: () => import('./readiness.ts'),
  },
  {
    name: 'backup',
    usage: 'backup DIRECTORY [--config FILE]',
    about: 'everything at one moment, while the server runs, as hashed files (docs/keeping.md)',
    load: () => import('./backup.ts'),
  },
  {
    name: 'restore',
    usage: 'restore DIRECTORY --manifest-sha256 HEX [--check] [--config FILE]',
    about:
      'a backup into an empty data directory or database; HEX is what backup printed; --check only reads and compares it',
    load: () => import('./restore.ts'),
  },
  {
    name: 'original',
    usage: 'original DEVICE METRIC TIME [--raw] [--config FILE]',
    about: 'the messages, as received, that brought a reading, as JSON lines',
    load: () => import('./original.ts'),
  },
  {
    name: 'archive',
    usage: 'archive verify [--head HASH] [--sample N] [--config FILE]',
    about: 'whether everything is what was received: hashes, index, ends and number of segments, stored readings; JSON',
    load: () => import('./archive.ts'),
  },
  {
    name: 'audit',
    usage: 'audit verify | audit erase --entry ID|--actor ID --reason TEXT [--config FILE]',
    about: 'recompute the hashes of what people decided, JSON; erase personal values of it',
    load: () => import('./audit.ts'),
  },
  {
    name: 'ledger',
    usage:
      'ledger key [--witness|--rotate --reason TEXT [--new-origin]] | prove SUBJECT [--out FILE] | verify [FILE...] [--key KEY] [--config FILE]',
    about:
      'the key that signs what was recorded; a proof that something is in; check proofs, reports and exports by themselves, or the installation (docs/ledger.md)',
    load: () => import('./ledger.ts'),
  },
  {
    name: 'migrate',
    usage: 'migrate [--timescale] [--config FILE]',
    about:
      'bring the database schema up to date; with --timescale, move the readings into TimescaleDB (docs/storage.md)',
    load: () => import('./migrate.ts'),
  },
  {
    name: 'readings',
    usage: 'readings status|pack|unpack|check [--progress] [--config FILE]',
    about:
      'how much of the readings is packed; pack what is ready, or make it rows again, while the server runs; compare what is packed with its checks; JSON (docs/storage.md)',
    load: () => import('./readings.ts'),
  },
  {
    name: 'config',
    usage: 'config [--config FILE]',
    about: 'print the effective configuration, secrets masked',
    load: () => import('./config.ts'),
  },
];
