import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  LOG_LINES,
  type LogLineDefinition,
  needsAllSites,
  PERMISSIONS,
  permissionAbout,
  ROLES,
  rolesWith,
} from '../domain/index.ts';

const root = join(import.meta.dirname, '..');
/** In the order of docs/rooms.md. */
const ROOMS = [
  'domain',
  'codecs',
  'rules',
  'broker',
  'gateways',
  'ingest',
  'access',
  'mirror',
  'alerts',
  'quality',
  'partners',
  'dashboards',
  'simulators',
  'app',
];
const SOURCES = [...ROOMS, 'storage', 'trace'];

export interface ErrorCode {
  readonly code: string;
  /** InputError, UnavailableError, ConflictError, DefectError. */
  readonly fault: string;
  readonly rooms: readonly string[];
  /** As the source words it, with `…` for what it fills in; of the first place that has words. */
  readonly message: string;
}

const WORDS = /(`(?:[^`\\]|\\.)*`|'(?:[^'\\\n]|\\.)*')/.source;
const CODE = /'([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)'/.source;
const CLASS = /\b(InputError|UnavailableError|ConflictError|DefectError|Refusal|notFound)/.source;
const THROWN = new RegExp(`${CLASS}\\(\\s*(?:\\d+,\\s*)?${CODE},\\s*${WORDS}?`, 'g');

/** Codes that are chosen before they are thrown, or thrown by someone who was handed them. */
const CHOSEN = /\b(InputError|UnavailableError|ConflictError|DefectError)\(\s*[\w.]+ \? '([A-Z_]+)' : '([A-Z_]+)'/g;
const ELSEWHERE = [['gateways', 'UnavailableError', ['LLRP_CONNECTION_REFUSED', 'LLRP_OCCUPIED']]] as const;
const HANDED = /\bYamlFile\(\w+, \w+, '([A-Z_]+)'/g;

/** Every error code of the source, by code. */
export function errorCodes(): ErrorCode[] {
  const found = new Map<string, { fault: string; rooms: Set<string>; message: string }>();
  for (const { room, text } of sourceFiles()) {
    const take = (name: string, code: string, words?: string) => {
      const fault = name === 'Refusal' || name === 'notFound' ? 'InputError' : name;
      const entry = found.get(code) ?? { fault, rooms: new Set(), message: '' };
      entry.rooms.add(room);
      if (entry.message === '' && words !== undefined) entry.message = plain(words);
      found.set(code, entry);
    };
    for (const [, name = '', code = '', words] of text.matchAll(THROWN)) take(name, code, words);
    for (const [, name = '', one = '', other = ''] of text.matchAll(CHOSEN))
      for (const code of [one, other]) take(name, code);
    for (const [, code = ''] of text.matchAll(HANDED)) take('InputError', code);
  }
  for (const [room, fault, codes] of ELSEWHERE) {
    for (const code of codes) found.set(code, { fault, rooms: new Set([room]), message: 'the reader refused us' });
  }
  return [...found]
    .map(([code, { fault, rooms, message }]) => ({ code, fault, rooms: [...rooms].sort(), message }))
    .sort((a, b) => (a.code < b.code ? -1 : 1));
}

const FAULTS: Readonly<Record<string, string>> = {
  InputError: 'what was given: exit 2, or 4xx',
  UnavailableError: 'a part that is away: exit 1, or 503; try again',
  ConflictError: 'someone was first: exit 1, or 409',
  DefectError: 'ours: exit 1, or 500; please report it',
};

/** docs/errors.md. */
export function errorsPage(): string {
  const codes = errorCodes();
  const sections = Object.entries(FAULTS).map(([fault, meaning]) => {
    const rows = codes
      .filter((one) => one.fault === fault)
      .map(({ code, rooms, message }) => `| \`${code}\` | ${rooms.join(', ')} | ${message} |`);
    return `## ${fault}: ${meaning}\n\n| code | room | says |\n|---|---|---|\n${rows.join('\n')}\n`;
  });
  return `# Error codes

Stable: a program may rely on them, the wording may change. On the command line an error is one line on stderr
(commands.md); over HTTP it is problem+json with \`code\` and \`type\` \`urn:isotherm:problem:CODE\`, and \`errors\` for each
field that is wrong. Three more are HTTP's own: \`REQUEST_MALFORMED\` (400), \`BODY_TOO_LARGE\` (413), \`DEFECT\` (500: it is
in the log). What MQTT messages are refused for is in mqtt.md, under quarantine.

This page is written from the source by \`node tests/documented.ts\`; a test keeps the two the same.

${sections.join('\n')}`;
}

/** docs/permissions.md. */
export function permissionsPage(): string {
  const rows = PERMISSIONS.map((permission) => {
    const holders = rolesWith(permission);
    const marks = ROLES.map((role) => (holders.includes(role) ? 'yes' : ''));
    const sites = needsAllSites(permission) ? 'all' : '';
    return `| \`${permission}\` | ${permissionAbout(permission)} | ${marks.join(' | ')} | ${sites} |`;
  });
  return `# Roles and permissions

A person has one role; so has an API token, which stands in a person's place. What a role may do is said once, in
\`domain/permission.ts\`: routes, sockets, the page and the OpenAPI document ask there.

The five roles below are built in and stay as they are. An installation makes others for itself, each a name and a set of
these permissions: on the page (Administration, Roles), with \`isotherm role\`, or \`PUT /api/v1/roles/NAME\`. A change holds
within five seconds; a role that somebody has cannot be deleted. An API token can be narrowed to some of what its role may
(\`--scope\`, \`scope\`): it may what both allow. Whoever manages access gives no permission that he has not, and does not
touch the account of somebody who may more; one admin who may sign in stays.

Which route needs which permission is in the OpenAPI document (\`/openapi.json\`) and in \`dashboards/api/operations.ts\`.
Devices, gateways and services have no role: what they may send is in mqtt.md.

This page is written from the source by \`node tests/documented.ts\`; a test keeps the two the same.

| permission | may | ${ROLES.join(' | ')} | sites |
|---|---|${ROLES.map(() => '---|').join('')}---|
${rows.join('\n')}

\`all\`: only for who sees every site, whatever the role.

## Sites

A person or a token sees every site, or some (\`isotherm user sites NAME site:lyon,site:berlin\`, \`--sites\`, \`sites\` in the
API, Administration on the page). A change ends what is open within five seconds. Who manages access sees every site.

- **A place** belongs to a site when it is that site or stands in it.
- **A shipment** is seen from its origin, its destination, where its units are and were while it was under way, and the
  doors that they passed.
- **A serial or unit** is seen from where a shipment that lists it is seen, from doors that read it, and from where it was,
  itself or in whatever it was in. Its whole story is then seen; shipments in it that are not seen are not named.
- **A device** is seen from the site it is registered at, from places it was in, and from where units it was on are seen.
  All its readings are then seen. What has no site at all is seen only by who sees every site.
- **A portal** and its passes are seen from its site and from the places on both its sides.
- **An alert** is seen by a shipment, a portal or a serial of its own; one that touched no goods, by its device. Serials at
  other sites are not listed, they are counted.
- Holds, suspect readings and what waits in quarantine are seen with the shipment or device they are of. Rules and products
  are the same for everybody; lots are not. A verification of a pack that is not seen says that it is unknown, which lets
  nothing move on.

What is not seen is answered as what never was: 404, an empty list, no word in a search. A recall and the list of shipments
say how many are at other sites. Who is bound to sites announces shipments from or to those, of goods and loggers that
are seen there or are new; \`NOT_AT_YOUR_SITES\` otherwise, the one answer that tells that an id is taken. EPCIS capture and
query, the audit trail, exports, rules, places and access concern every site and are refused (\`NEEDS_ALL_SITES\`), and so is
each operation that does not say that it answers by site. On a socket each event is asked for as who listens sees it.
`;
}

const BETWEEN = /(<!-- lines of the log -->\n)[\s\S]*(<!-- end of the lines -->)/;

/** docs/operating.md with its list of the log's lines as the code has it. */
export function operatingPage(): string {
  const page = readFileSync(join(root, 'docs/operating.md'), 'utf8');
  const lines: [string, LogLineDefinition][] = Object.entries(LOG_LINES);
  const rooms = [...new Set(lines.map(([, { room }]) => room))].sort();
  const sections = rooms.map((room) => {
    const rows = lines
      .filter(([, line]) => line.room === room)
      .map(([text, { level, means, action }]) => `| ${text} | ${level} | ${means} | ${action ?? ''} |`);
    return `### Lines of ${room}\n\n| line | level | means | to do |\n|---|---|---|---|\n${rows.join('\n')}\n`;
  });
  return page.replace(BETWEEN, (_, begin: string, end: string) => `${begin}\n${sections.join('\n')}\n${end}`);
}

export interface Metric {
  readonly name: string;
  readonly type: string;
  readonly help: string;
}

/** Isotherm's own metrics of an OpenMetrics exposition, by name. */
export function metricsOf(exposition: string): Metric[] {
  const types = new Map<string, string>();
  const helps = new Map<string, string>();
  for (const line of exposition.split('\n')) {
    const [, what, name = '', text = ''] = /^# (TYPE|HELP) (isotherm_\S+) (.*)$/.exec(line) ?? [];
    if (what === 'TYPE') types.set(name, text);
    else if (what === 'HELP') helps.set(name, text);
  }
  return [...types]
    .map(([name, type]) => ({ name, type, help: helps.get(name) ?? '' }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The rows of docs/operating.md's tables of metrics. */
export function documentedMetrics(): Metric[] {
  const page = readFileSync(join(root, 'docs/operating.md'), 'utf8');
  return [...page.matchAll(/^\| `(isotherm_\w+)` \| (\w+) \| (.*) \|$/gm)]
    .map(([, name = '', type = '', help = '']) => ({ name, type, help }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

export function* sourceFiles(): Generator<{ room: string; path: string; text: string }> {
  for (const room of SOURCES) {
    for (const entry of readdirSync(join(root, room), { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (!entry.isFile() || !entry.name.endsWith('.ts') || entry.name.endsWith('.test.ts')) continue;
      if (path.includes('node_modules') || path.includes('/testing/')) continue;
      yield { room, path, text: readFileSync(path, 'utf8') };
    }
  }
}

/** A string of the source as a sentence. */
function plain(literal: string): string {
  return literal
    .slice(1, -1)
    .replaceAll(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, '…')
    .replaceAll(/\\(.)/g, '$1')
    .replaceAll('|', '\\|')
    .trim();
}

if (import.meta.main) {
  const { writeFileSync } = await import('node:fs');
  writeFileSync(join(root, 'docs/errors.md'), errorsPage());
  writeFileSync(join(root, 'docs/permissions.md'), permissionsPage());
  writeFileSync(join(root, 'docs/operating.md'), operatingPage());
}
