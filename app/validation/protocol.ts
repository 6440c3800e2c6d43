import { createHash } from 'node:crypto';
import { type Report, type ReportFile, renderReport } from '../../dashboards/index.ts';
import { InputError, serverText } from '../../domain/index.ts';
import { parseNote, type SigningKey, signersOf, type VerifierKey } from '../../storage/index.ts';

/** One thing that was looked at: what was expected, what was found. */
export interface Check {
  /** `IQ-1`, `OQ-3`: the same in every version that does the same. */
  readonly id: string;
  readonly text: string;
  /** Of docs/requirements.yaml; empty where it is about the machine alone. */
  readonly requirements: readonly string[];
  readonly expected: string;
  readonly found: string;
  readonly isPassed: boolean;
}

/** A run of checks on one machine. */
export interface Protocol {
  readonly format: 'isotherm-validation-1';
  readonly kind: 'installation qualification' | 'operational qualification';
  readonly version: string;
  /** RFC 3339, UTC. */
  readonly at: string;
  readonly machine: string;
  /** The account that ran it. */
  readonly by: string;
  readonly checks: readonly Check[];
  readonly isPassed: boolean;
}

/** A protocol as it is kept: its JSON, a signed note over the JSON's hash, and the same to read, with both inside. */
export interface KeptProtocol {
  readonly json: string;
  /** C2SP signed-note by the key of the installation's ledger. */
  readonly note: string;
  readonly pdf: Buffer;
}

export async function keepProtocol(protocol: Protocol, key: SigningKey): Promise<KeptProtocol> {
  const json = `${JSON.stringify(protocol, null, 1)}\n`;
  const text = noteText(json);
  const note = `${text}\n${key.signatureOf(text)}`;
  return { json, note, pdf: await renderReport(protocolReport(protocol, json, note)) };
}

/** What is signed: the purpose, so that it passes for nothing else, and the SHA-256 of the protocol. */
export function noteText(json: string): string {
  return `isotherm-validation-1\nsha256 ${createHash('sha256').update(json).digest('hex')}\n`;
}

/**
 * Who signed a protocol, of these keys.
 * @throws {InputError} PROTOCOL_UNPROVEN, LEDGER_NOTE_BAD, LEDGER_SIGNATURE_BAD
 */
export function protocolSigners(json: string, note: string, keys: readonly VerifierKey[]): readonly VerifierKey[] {
  const parsed = parseNote(note);
  if (parsed.text !== noteText(json)) {
    throw new InputError('PROTOCOL_UNPROVEN', 'what was signed is not this protocol: one of the two was changed');
  }
  const signers = signersOf(parsed, keys);
  if (signers.length > 0) return signers;
  throw new InputError(
    'PROTOCOL_UNPROVEN',
    'none of the keys given has signed it; --key KEY, as isotherm ledger key prints it',
  );
}

function protocolReport(protocol: Protocol, json: string, note: string): Report {
  const { kind, version, at, machine, by, checks, isPassed } = protocol;
  const failed = checks.filter((check) => !check.isPassed).length;
  const files: readonly ReportFile[] = [
    {
      ...{ name: 'protocol.json', mediaType: 'application/json', relationship: 'Data' },
      ...{ about: serverText('validation.file.protocol'), content: json },
    },
    {
      ...{ name: 'protocol.note', mediaType: 'text/plain', relationship: 'Supplement' },
      ...{ about: serverText('validation.file.note'), content: note },
    },
  ];
  return {
    title: serverText('validation.title', { kind: `${kind.slice(0, 1).toUpperCase()}${kind.slice(1)}` }),
    subtitle: serverText('validation.subtitle', { version, machine, at }),
    ...{ organisation: null, at: Date.parse(at), language: 'en', zone: 'UTC', files },
    blocks: [
      {
        ...{ kind: 'text', tone: isPassed ? 'plain' : 'grave' },
        text: serverText(isPassed ? 'validation.passed' : 'validation.failed', { checks: checks.length, failed }),
      },
      { kind: 'facts', facts: [[serverText('validation.by'), by]] },
      {
        kind: 'table',
        columns: [
          { title: serverText('validation.column.check'), share: 0.8 },
          { title: serverText('validation.column.what'), share: 3 },
          { title: serverText('validation.column.expected'), share: 3 },
          { title: serverText('validation.column.found'), share: 3.6 },
          { title: serverText('validation.column.result'), share: 1 },
          { title: serverText('validation.column.requirements'), share: 1.2 },
        ],
        rows: checks.map((check) => [
          ...[check.id, check.text, check.expected, check.found],
          serverText(check.isPassed ? 'validation.result.passed' : 'validation.result.failed'),
          check.requirements.join(', '),
        ]),
      },
      { kind: 'heading', text: serverText('validation.approval') },
      {
        kind: 'facts',
        facts: [
          [serverText('validation.reviewed'), BLANK],
          [serverText('validation.approved'), BLANK],
        ],
      },
      { kind: 'text', tone: 'quiet', text: serverText('validation.signed') },
    ],
  };
}

/** To be filled by hand. */
const BLANK = '_____________________________________________';
