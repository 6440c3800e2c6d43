import { isIP } from 'node:net';
import { z } from 'zod';
import type { OpenIdSettings } from '../../access/index.ts';
import { channelsSchema, routeSchema } from '../../alerts/index.ts';
import { DIALECTS } from '../../codecs/payloads/index.ts';
import { DURATION_FORM, PLACE_ID, parseDuration, SLOTS } from '../../domain/index.ts';
import type { InfluxSettings } from '../../mirror/index.ts';
import { VerifierKey, type WitnessAt } from '../../storage/index.ts';
import { assistants } from './assistants.ts';
import { practice } from './practice.ts';
import { isHttpUrl, optionalNatsUrls, optionalServerUrl, optionalUrl } from './url.ts';

/*
 * Every setting, once: default, meaning, what is allowed. docs/configuration.md is generated from here and the
 * environment names follow from the keys (`http.port` is ISOTHERM_HTTP_PORT). `allowed` finishes the sentence
 * "http.port: given "x", allowed: ..."; `secret` masks the value wherever it is printed; `env` is a name of its own.
 */

const port = z.number().int().min(0).max(65_535);
const PORT = 'a port from 0 to 65535 (0 = any free one)';
/** An address, a network in CIDR form, or a name that Express knows. */
function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  if (text === 'loopback') return true;
  const family = isIP(address);
  const most = family === 4 ? 32 : 128;
  return family !== 0 && more.length === 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most));
}
/** What `outgoing.allow` names: an address, a network, or a host name. */
function isHostOrNetwork(text: string): boolean {
  if (isIP(text.split('/')[0] ?? '') !== 0) return isNetwork(text);
  return /^(?=.{1,253}$)[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?$/i.test(text) && !/^[\d.]+$/.test(text);
}
const duration = z.string().refine((text) => parseDuration(text) !== null);

/** What a dialect's messages over HTTP are signed with. */
function webhook(dialect: string, about?: string) {
  return z
    .strictObject({
      secret: z
        .string()
        .min(8)
        .nullable()
        .default(null)
        .meta({
          about:
            about ??
            `What messages to /api/v1/webhooks/${dialect} are signed with. Once set, others are refused, with a token too.`,
          allowed: 'a secret of at least 8 characters',
          secret: true,
        }),
    })
    .prefault({});
}
/** Line protocol is no maker's webhook. */
const DIALECT_NAMES = DIALECTS.map(({ name }) => name).filter((name) => !name.startsWith('influx'));

/** A verifier key (C2SP signed-note); null: it is none. */
export function verifierKey(text: string): VerifierKey | null {
  try {
    return VerifierKey.parse(text);
  } catch {
    return null;
  }
}

/** `URL KEY`; null: it is not of that form. */
export function witnessAt(text: string): WitnessAt | null {
  const [url = '', key = '', ...more] = text.split(' ');
  const found = verifierKey(key);
  const isUrl = URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
  return isUrl && found !== null && more.length === 0 ? { url, key: found } : null;
}

export const configSchema = z
  .strictObject({
    http: z
      .strictObject({
        host: z.string().min(1).default('127.0.0.1').meta({
          about:
            'Address the web server listens on. While no user exists, anything but loopback is answered with the set-up page alone.',
          allowed: 'an address of this machine, 0.0.0.0 for all',
        }),
        port: port.default(8080).meta({ about: 'Port of the page, the API and the live sockets.', allowed: PORT }),
        url: optionalUrl(['http', 'https']).default(null).meta({
          about: 'Where people and partners reach the web server, for links in events. Default: its host and port.',
          allowed: 'http://host or https://host, with a port where it needs one',
        }),
        tls: z
          .strictObject({
            cert: z.string().nullable().default(null).meta({
              about: 'Certificate of the web server, with its chain. Given with its key, http.port speaks HTTPS alone.',
              allowed: 'a PEM file',
            }),
            key: z.string().nullable().default(null).meta({ about: 'Its private key.', allowed: 'a PEM file' }),
          })
          .prefault({}),
        maxConnections: z.number().int().min(1).default(2_000).meta({
          about: 'Connections of all clients at once; more are answered 503 and closed.',
          allowed: 'a whole number from 1',
        }),
        maxConnectionsPerAddress: z.number().int().min(1).default(500).meta({
          about: 'Connections of one address at once. Those of http.trustProxy are not held to it.',
          allowed: 'a whole number from 1',
        }),
        trustProxy: z.array(z.string().refine(isNetwork)).default([]).meta({
          about:
            'Proxies whose X-Forwarded-For is believed: sign-in delays and the audit trail then see who is behind them. From anybody else it is passed over.',
          allowed: 'a list of addresses and networks such as [127.0.0.1, 10.0.0.0/8], or loopback',
        }),
        monitorToken: z.string().min(16).nullable().default(null).meta({
          about:
            'Once set, /metrics and /openapi.json, and what /readyz says besides ready or not, need it as a bearer token, or a sign-in. Set it wherever others can reach this address.',
          allowed: 'a secret of at least 16 characters',
          secret: true,
        }),
      })
      .prefault({}),
    mqtt: z
      .strictObject({
        url: optionalUrl(['mqtt', 'mqtts', 'ws', 'wss']).default(null).meta({
          about:
            'An MQTT broker of yours (Mosquitto, EMQX, HiveMQ; MQTT 3.1.1 with shared subscriptions, or 5) instead of the embedded one, which then stays closed. Who may publish where is its affair: docs/mqtt-broker.md.',
          allowed: 'mqtt://user:password@host:port, or mqtts, ws, wss',
          env: 'MQTT_URL',
          secret: true,
        }),
        shared: z.boolean().default(true).meta({
          about:
            'Whether processes share out what comes from that broker. Without it each takes everything: right for one process at Mosquitto, which forgets shared subscriptions when it is restarted.',
          allowed: 'true or false',
        }),
        ca: z.string().nullable().default(null).meta({
          about: 'Authority of that broker’s certificate, where it is not a public one.',
          allowed: 'a PEM file',
        }),
        host: z.string().min(1).default('127.0.0.1').meta({
          about: 'Address the MQTT broker listens on. Anything but loopback stays closed until a user exists.',
          allowed: 'an address of this machine, 0.0.0.0 for all',
        }),
        port: port.default(1883).meta({ about: 'Port of the MQTT broker.', allowed: PORT }),
        tls: z
          .strictObject({
            port: port
              .default(8883)
              .meta({ about: 'Port of MQTT over TLS; opens only with a certificate.', allowed: PORT }),
            cert: z
              .string()
              .nullable()
              .default(null)
              .meta({ about: 'PEM file with the certificate chain.', allowed: 'a path' }),
            key: z
              .string()
              .nullable()
              .default(null)
              .meta({ about: 'PEM file with the private key.', allowed: 'a path' }),
            clientCa: z.string().nullable().default(null).meta({
              about:
                'Authorities of your own whose certificates devices and gateways may show instead of a password: CN or a DNS name of it is the id, and the id must have credentials.',
              allowed: 'a PEM file',
            }),
            clientCrl: z.string().nullable().default(null).meta({
              about: 'Certificates of clients that are taken back, as those authorities say.',
              allowed: 'a PEM file with their revocation lists',
            }),
          })
          .prefault({}),
      })
      .prefault({}),
    doors: z
      .strictObject({
        manifestKey: z.number().int().min(1).max(1_000).default(1).meta({
          about:
            'Number of the key, made of the installation key, that signs what gateways are told of their doors (docs/gateway.md). Raised, another key signs from then on.',
          allowed: 'a whole number from 1 to 1000',
        }),
        maxThings: z.number().int().min(100).max(300_000).default(100_000).meta({
          about: 'Serials and units in the manifest of one gateway; shipments that do not fit are left out, and said.',
          allowed: 'a whole number from 100 to 300000',
        }),
        maxBytes: z.number().int().min(10_000).max(16_000_000).default(4_000_000).meta({
          about: 'Size of a manifest as it is sent; a broker of yours must take messages of this size.',
          allowed: 'a whole number from 10000 to 16000000',
        }),
        ahead: duration.default('48h').meta({
          about: 'Shipments that depart within this are in the manifest (those a day later are expected nowhere yet).',
          allowed: 'a duration such as 48h',
        }),
      })
      .prefault({}),
    webhooks: z
      .strictObject({
        ...Object.fromEntries([...DIALECT_NAMES, 'sms'].map((name) => [name, webhook(name)])),
        twilio: webhook(
          'sms',
          'The auth token of Twilio, with which it signs answers that it brings to /api/v1/webhooks/sms. http.url has to be set.',
        ),
        vonage: webhook(
          'sms',
          'The signature secret of Vonage (SHA-256 or SHA-512 HMAC), with which it signs answers that it brings to /api/v1/webhooks/sms.',
        ),
      })
      .prefault({}),
    data: z
      .strictObject({
        dir: z.string().min(1).nullable().default(null).meta({
          about: 'Embedded PostgreSQL, spool and keys. Default ./data, as root /var/lib/isotherm.',
          allowed: 'a path that can be created',
        }),
        leastFree: z.int().min(0).max(99).default(5).meta({
          about: 'Per cent of the disk of data.dir that are to be free: below it there is a critical alert. 0: never.',
          allowed: '0 to 99',
        }),
        mostLog: z.int().min(0).max(99).default(50).meta({
          about:
            'Per cent of the size or age that the log may reach before nothing is acknowledged any more: from there on there is a critical alert. 0: never.',
          allowed: '0 to 99',
        }),
      })
      .prefault({}),
    database: z
      .strictObject({
        url: optionalServerUrl().default(null).meta({
          about: 'A PostgreSQL server to use instead of the embedded one.',
          allowed:
            'postgres://user:password@host:port/database; several as host:port,host:port: the one that takes writes is used',
          env: 'DATABASE_URL',
          secret: true,
        }),
        ownerUrl: optionalServerUrl().default(null).meta({
          about:
            'The same database as another role, which migrates and owns what must not change; the role of database.url may only read and add there. Without it one role owns everything.',
          allowed: 'postgres://owner:password@host:port/database, with the same hosts',
          env: 'DATABASE_OWNER_URL',
          secret: true,
        }),
        readUrl: optionalServerUrl('questions').default(null).meta({
          about:
            'A stand-by of that server (a read replica): history, reports, statistics and backtests are read there while it keeps up (docs/scaling.md).',
          allowed:
            'postgres://user:password@host:port/database of a stand-by, with database.url; several as host:port,host:port: one that is a stand-by is used',
          env: 'DATABASE_READ_URL',
          secret: true,
        }),
      })
      .prefault({}),
    secrets: z
      .strictObject({
        key: z
          .string()
          .regex(/^[A-Za-z0-9+/_-]{43}=?$/)
          .nullable()
          .default(null)
          .meta({
            about:
              'Key of the installation, under which it keeps secrets in its database. Without it, installation.key in the data directory, which the first start makes; give it where several machines use one database.',
            allowed: '32 random bytes in base64: openssl rand -base64 32',
            secret: true,
          }),
      })
      .prefault({}),
    oidc: z
      .strictObject({
        issuer: optionalUrl(['http', 'https']).default(null).meta({
          about:
            'An OpenID provider that people sign in by, beside passwords. http.url says where it sends them back to.',
          allowed: 'the URL of the issuer, with oidc.clientId and oidc.roles',
        }),
        clientId: z.string().min(1).nullable().default(null).meta({
          about: 'What the provider knows this installation by. Its redirect URI is /api/v1/sign-in/oidc/callback.',
          allowed: 'a name, wherever oidc.issuer is given',
        }),
        clientSecret: z.string().min(1).nullable().default(null).meta({
          about: 'Shown to the provider; without one this is a public client.',
          allowed: 'a secret',
          secret: true,
        }),
        label: z.string().min(1).max(60).default('your company account').meta({
          about: 'What the button on the sign-in page says after "Sign in with".',
          allowed: 'a few words',
        }),
        scope: z.string().min(1).default('openid profile email').meta({
          about: 'Scopes that are asked for; openid must be one of them.',
          allowed: 'words with blanks between',
        }),
        rolesClaim: z.string().min(1).default('groups').meta({
          about: "Claim of the ID token, or of the user info, that holds a person's groups.",
          allowed: 'a name',
        }),
        roles: z.record(z.string().min(1), z.string().min(1)).default({}).meta({
          about: 'Which role a group stands for; the first that a person has counts. Who has none is refused.',
          allowed: '{ GROUP: ROLE, ... } with roles that isotherm role list shows',
        }),
        sitesClaim: z.string().min(1).nullable().default(null).meta({
          about: 'Claim that holds the ids of the sites a person sees, or all. Without it everybody sees all.',
          allowed: 'a name',
        }),
        nameClaim: z.string().min(1).default('preferred_username').meta({
          about: 'Claim that names the user; else email, else the subject.',
          allowed: 'a name',
        }),
      })
      .prefault({}),
    redis: z
      .strictObject({
        url: optionalUrl(['redis', 'rediss']).default(null).meta({
          about: 'A Redis server for notification jobs instead of PostgreSQL.',
          allowed: 'redis://host:port',
          env: 'REDIS_URL',
          secret: true,
        }),
      })
      .prefault({}),
    nats: z
      .strictObject({
        url: optionalNatsUrls().default(null).meta({
          about:
            'A NATS cluster with JetStream, 2.12 or newer, that keeps the readings of the log instead of PostgreSQL; all else stays there (docs/scaling.md). Set it in every process; `isotherm log to-postgres` is the way back.',
          allowed: 'nats://host:port or tls://host:port; several of one cluster between commas',
          env: 'NATS_URL',
          secret: true,
        }),
        monitorUrl: z
          .string()
          .refine((text) => text.split(',').every(isHttpUrl))
          .nullable()
          .default(null)
          .meta({
            about:
              'The monitoring of each of its servers, where it is seen that they write to their disks before they acknowledge (sync_interval: always).',
            allowed: 'http://host:port of every server, between commas',
            env: 'NATS_MONITOR_URL',
          }),
        systemUrl: optionalNatsUrls().default(null).meta({
          about:
            'The same servers as a user of their system account, who is told of all of them: instead of nats.monitorUrl, where no monitoring is open.',
          allowed: 'nats://user:password@host:port or tls://…; several of one cluster between commas',
          env: 'NATS_SYSTEM_URL',
          secret: true,
        }),
        systemCredentials: z.string().min(1).nullable().default(null).meta({
          about: 'Credentials of that user, where nats.systemUrl has no user and password.',
          allowed: 'a .creds file',
        }),
        acceptUnsynced: z.boolean().default(false).meta({
          about:
            'Start although that cannot be seen, or is not so: readings that were acknowledged may then be lost when machines fail together (docs/decisions/0220).',
          allowed: 'true or false',
        }),
        replicas: z.number().int().min(1).max(5).default(3).meta({
          about: 'Servers that keep each message. With 1 a single disk has all readings that are not stored yet.',
          allowed: 'a whole number from 1 to 5, no more than the cluster has servers',
        }),
        partitions: z.number().int().min(1).max(64).default(1).meta({
          about:
            'Streams that readings are parted over, by device. One keeps a commit one message; more spread them over the leaders of the cluster. A multiple of those there are raises it for all processes while they run; a lower number changes nothing (docs/scaling.md).',
          allowed: 'a whole number from 1 to 64',
        }),
        stream: z
          .string()
          .regex(/^[A-Za-z0-9_-]{1,32}$/)
          .default('isotherm-readings')
          .meta({
            about: 'What its streams are called, with -0, -1 behind it: one name for each installation on a cluster.',
            allowed: '1 to 32 of A-Z a-z 0-9 _ -',
          }),
        credentials: z.string().min(1).nullable().default(null).meta({
          about: 'Credentials of Isotherm at NATS, where the URL has no user and password.',
          allowed: 'a .creds file',
        }),
      })
      .prefault({}),
    influx: z
      .strictObject({
        url: optionalUrl(['http', 'https']).default(null).meta({
          about: 'An InfluxDB 2 that readings are copied to; optional, and never waited for.',
          allowed: 'http://host:port, with influx.org and influx.bucket',
          env: 'INFLUX_URL',
        }),
        token: z.string().min(1).nullable().default(null).meta({
          about: 'API token that may write to the bucket.',
          allowed: 'a token',
          env: 'INFLUX_TOKEN',
          secret: true,
        }),
        org: z.string().min(1).nullable().default(null).meta({
          about: 'Organization the bucket belongs to.',
          allowed: 'a name, wherever influx.url is given',
          env: 'INFLUX_ORG',
        }),
        bucket: z.string().min(1).nullable().default(null).meta({
          about: 'Bucket that readings are copied to.',
          allowed: 'a name, wherever influx.url is given',
          env: 'INFLUX_BUCKET',
        }),
      })
      .prefault({}),
    mappings: z
      .strictObject({
        file: z.string().min(1).nullable().default(null).meta({
          about: 'Mappings of messages that no dialect reads; without it those are quarantined.',
          allowed: 'a path to a YAML file (docs/mappings.md)',
        }),
      })
      .prefault({}),
    rules: z
      .strictObject({
        file: z.string().min(1).nullable().default(null).meta({
          about: 'Rule file; without one the built-in rules of the storage profiles apply.',
          allowed: 'a path to a YAML file (docs/rules.md)',
        }),
        shares: z
          .number()
          .int()
          .min(1)
          .max(SLOTS)
          .default(1)
          .meta({
            about:
              'In how many shares devices are judged, each by one process at a time; the same in every process. Several processes with the part rules take them evenly (docs/scaling.md).',
            allowed: `an integer from 1 to ${SLOTS}`,
          }),
      })
      .prefault({}),
    loggerFiles: z
      .strictObject({
        folder: z.string().min(1).nullable().default(null).meta({
          about:
            'Folder whose files are taken in as files of loggers, and moved to done or refused inside it (docs/logger-files.md).',
          allowed: 'a path that can be created, with loggerFiles.zone',
        }),
        zone: z.string().min(1).nullable().default(null).meta({
          about: 'Time zone of the clocks that wrote the files in loggerFiles.folder.',
          allowed: 'an IANA time zone such as Europe/Berlin, UTC or an offset such as +01:00',
        }),
      })
      .refine(({ folder, zone }) => folder === null || zone !== null, { path: ['zone'] })
      .prefault({}),
    partners: z
      .strictObject({
        folder: z.string().min(1).nullable().default(null).meta({
          about:
            'Folder that holds one for each partner, by its id; files in those are taken in, and moved to done or refused inside (docs/partners.md).',
          allowed: 'a path that can be created',
        }),
      })
      .prefault({}),
    systems: z
      .strictObject({
        folder: z.string().min(1).nullable().default(null).meta({
          about:
            'Folder that holds one for each ERP or WMS, by its id: files in its in are taken in, what it is told by folder goes to its out (docs/erp.md).',
          allowed: 'a path that can be created',
        }),
      })
      .prefault({}),
    alerts: z
      .strictObject({
        channels: channelsSchema.default([]).meta({
          about: 'Where alerts can be sent.',
          allowed: 'a list of { id, kind, url, secret } and what the kind needs besides (docs/channels.md)',
          secret: true,
        }),
        route: routeSchema.nullable().default(null).meta({
          about: 'Which channel alerts go to.',
          allowed: '{ channel: ID } naming one of alerts.channels',
        }),
        routing: z.string().min(1).nullable().default(null).meta({
          about:
            'Routing file: people, teams, on-call schedules and the tree of routes that says who is told of which alert. Takes the place of alerts.route.',
          allowed: 'a path to a YAML file (docs/routing.md)',
        }),
        heartbeat: z
          .strictObject({
            url: z
              .string()
              .refine((url) => URL.canParse(url) && /^https?:$/.test(new URL(url).protocol))
              .nullable()
              .default(null)
              .meta({
                about:
                  'A watchdog outside that is told, by an empty POST, for as long as alerts would go out from here: it speaks when Isotherm cannot.',
                allowed: 'http://host/path or https://host/path',
                secret: true,
              }),
            every: duration.default('1m').meta({
              about: 'How often the watchdog is told.',
              allowed: 'a whole number and one unit, 10s to 1h',
            }),
          })
          .refine(({ every }) => durationMs(every) >= 10_000 && durationMs(every) <= 3_600_000, {
            path: ['every'],
          })
          .prefault({}),
      })
      .prefault({}),
    outgoing: z
      .strictObject({
        allow: z.array(z.string().refine(isHostOrNetwork)).default([]).meta({
          about:
            'Where addresses that were entered on the page or by the API may lead besides public ones: loopback, private and link-local addresses are refused otherwise. What stands in this file needs no leave.',
          allowed: 'a list of addresses, networks and names such as [10.8.0.0/16, hooks.internal]',
        }),
      })
      .prefault({}),
    setup: z
      .strictObject({
        for: z.enum(['everything', 'pharmacy']).default('everything').meta({
          about:
            'What the page is for where nobody has chosen on it: a pharmacy sees what it receives, verifies and settles, and nothing of doors and loggers.',
          allowed: 'everything or pharmacy',
        }),
      })
      .prefault({}),
    verification: z
      .strictObject({
        credentials: z.enum(['accepted', 'required']).default('accepted').meta({
          about:
            'Whether who asks has to present an ATP credential (ATP-Authorization) beside or in place of a token. One that is presented has to hold either way.',
          allowed: 'accepted or required',
        }),
        trust: z.string().nullable().default(null).meta({
          about:
            'Whose ATP credentials are believed: DIDs of issuers, public keys by DID, and status lists as they were fetched. Read at the start.',
          allowed: 'a JSON file (docs/verification.md)',
        }),
        resolver: optionalUrl(['http', 'https']).default(null).meta({
          about:
            'A GS1 Digital Link resolver that is asked who verifies a product (linkType gs1:verificationService) where the directory names nobody.',
          allowed: 'http://host or https://host such as https://id.gs1.org',
        }),
      })
      .prefault({}),
    ledger: z
      .strictObject({
        witnesses: z
          .array(z.string().refine((text) => witnessAt(text) !== null))
          .default([])
          .meta({
            about:
              'Who cosigns the ledger: each the address below which add-checkpoint is asked, and its verifier key (docs/ledger.md).',
            allowed: 'a list of texts such as "https://partner.example/ledger partner/witness+1a2b3c4d+BAbc..."',
          }),
        cosigns: z
          .array(z.string().refine((text) => verifierKey(text) !== null))
          .default([])
          .meta({
            about:
              'Whose ledgers are cosigned here at /ledger/add-checkpoint: their verifier keys, as isotherm ledger key prints them there.',
            allowed: 'a list of verifier keys NAME+HASH+BASE64',
          }),
      })
      .prefault({}),
    quality: z
      .strictObject({
        target: duration.default('24h').meta({
          about: "The site's own target: within this time after a case is opened all its serials are to be decided.",
          allowed: DURATION_FORM,
        }),
        targets: z.record(z.string().regex(PLACE_ID), duration).default({}).meta({
          about:
            'Targets of places that have their own, which hold for all that is in them: of a case of a place, and of a shipment to it, else from it.',
          allowed: '{ PLACE: DURATION, ... }, such as { "site:lyon": 8h }',
        }),
      })
      .prefault({}),
    readings: z
      .strictObject({
        pack: z.boolean().default(false).meta({
          about:
            'Whether weeks of readings that are over, and old ones that come many of a device together, are packed, into some 3 bytes a reading in place of 95 (docs/storage.md). Switched off again, what is packed stays packed and is read as before.',
          allowed: 'true or false',
        }),
      })
      .prefault({}),
    retention: z
      .strictObject({
        log: duration
          .default('7d')
          .meta({ about: 'Log segments older than this are dropped once consumed.', allowed: DURATION_FORM }),
        readings: duration.nullable().default(null).meta({
          about: 'Readings older than this are deleted, but for what is kept. Without it nothing is ever deleted.',
          allowed: DURATION_FORM,
        }),
        originals: duration.nullable().default(null).meta({
          about: 'Messages as received, older than this, likewise; not shorter than retention.records.',
          allowed: DURATION_FORM,
        }),
        files: duration.nullable().default(null).meta({
          about:
            'Content of files that partners and systems sent or were given, older than this, likewise; not shorter than retention.records.',
          allowed: DURATION_FORM,
        }),
        records: duration.default('1827d').meta({
          about: 'How long the records of a shipment are kept at least, after its end: five years.',
          allowed: DURATION_FORM,
        }),
        afterExpiry: duration.default('366d').meta({
          about: 'How long they are kept at least after the last expiry of its products: a year.',
          allowed: DURATION_FORM,
        }),
      })
      .prefault({}),
    backup: z
      .strictObject({
        within: duration.nullable().default('8d').meta({
          about:
            'Once isotherm backup was used: a last backup older than this is a trouble and an alert. null: it is never.',
          allowed: DURATION_FORM,
        }),
      })
      .prefault({}),
    assistants,
    practice,
    log: z
      .strictObject({
        level: z.enum(['debug', 'info', 'warn', 'error']).default('info').meta({
          about: 'What is logged to stderr.',
          allowed: 'debug, info, warn or error',
        }),
      })
      .prefault({}),
  })
  .superRefine(({ database: { url, readUrl } }, context) => {
    if (readUrl === null || url !== null) return;
    context.addIssue({
      code: 'custom',
      path: ['database', 'url'],
      message: 'missing beside database.readUrl',
      input: url,
    });
  })
  .superRefine(({ retention }, context) => {
    for (const key of ['originals', 'files'] as const) {
      const age = retention[key];
      if (age === null || durationMs(age) >= durationMs(retention.records)) continue;
      const message = 'shorter than retention.records';
      context.addIssue({ code: 'custom', path: ['retention', key], message, input: age });
    }
  })
  .superRefine(({ oidc }, context) => {
    if (oidc.issuer === null) return;
    const isEmpty = Object.keys(oidc.roles).length === 0;
    if (oidc.clientId === null) context.addIssue({ code: 'custom', path: ['oidc', 'clientId'], message: 'missing' });
    if (isEmpty) context.addIssue({ code: 'custom', path: ['oidc', 'roles'], message: 'missing', input: oidc.roles });
  })
  .superRefine(({ alerts, influx }, context) => {
    const { channels, route, routing } = alerts;
    if (route !== null && routing !== null) {
      const message = 'one of alerts.route and alerts.routing';
      context.addIssue({ code: 'custom', path: ['alerts', 'routing'], message, input: routing });
    }
    if (route !== null && !channels.some((channel) => channel.id === route.channel)) {
      context.addIssue({ code: 'custom', path: ['alerts', 'route'], message: 'no such channel', input: route });
    }
    if (influx.url === null) return;
    for (const key of ['org', 'bucket'] as const) {
      if (influx[key] !== null) continue;
      context.addIssue({ code: 'custom', path: ['influx', key], message: 'missing', input: influx[key] });
    }
  });

export type Config = z.infer<typeof configSchema>;

/** By when cases are to be decided, in all and at places of their own, ms. */
export function caseTargetsOf({ quality: { target, targets } }: Pick<Config, 'quality'>) {
  const siteTargets = new Map(Object.entries(targets).map(([place, own]) => [place, durationMs(own)]));
  return { targetMs: durationMs(target), siteTargets };
}

/** A duration of the configuration in ms. The schema has checked the form. */
export function durationMs(text: string): number {
  return parseDuration(text) ?? Number.NaN;
}

/** By dialect, those that are set. */
export function webhookSecretsOf({ webhooks }: Config): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(webhooks).flatMap(([name, { secret }]) => (secret === null ? [] : [[name, secret] as const])),
  );
}

/** Where readings are copied to, or null: nowhere. */
export function influxOf({ influx: { url, token, org, bucket } }: Config): InfluxSettings | null {
  return url === null || org === null || bucket === null ? null : { url, token, org, bucket };
}

/** The provider that people sign in by, or null: none. */
export function openIdSettingsOf({ oidc: { issuer, clientId, ...rest } }: Config): OpenIdSettings | null {
  return issuer === null || clientId === null ? null : { issuer, clientId, ...rest };
}
