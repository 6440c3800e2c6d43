import { getDocumentProxy } from 'unpdf';
import { z } from 'zod';
import { ISSUED_FILE, LEDGER_FILE, unissued } from '../../dashboards/index.ts';
import { InputError } from '../../domain/index.ts';
import { type Checkpoint, type IssuedDocument, ProofSet, parseIssued, type VerifierKey } from '../../storage/index.ts';
import { KnownLeaves } from './known-leaves.ts';
import { Faults, type VerifiedFile } from './verified-file.ts';

export function isReport(head: Buffer): boolean {
  return head.subarray(0, 5).toString('latin1') === '%PDF-';
}

/** What a report says of itself: each of its bytes by the leaf of its hash, each fact in it by its own leaf. */
export async function verifiedReport(pdf: Buffer, keys: readonly VerifierKey[]): Promise<VerifiedFile> {
  const faults = new Faults();
  const found = await faults.of('', () => unissued(pdf));
  const issued = found && (await faults.of(ISSUED_FILE, () => parseIssued(found.issued, 'report', keys)));
  if (issued !== null && found !== null && (issued.sha256 !== found.sha256 || issued.bytes !== pdf.length)) {
    faults.add(`changed: it is not the report that leaf ${issued.index} was issued for`);
  }
  const files = (await faults.of('', () => filesIn(pdf))) ?? new Map<string, Buffer>();
  const leaves = new KnownLeaves();
  const set = await provenIn(files.get(LEDGER_FILE), { keys, leaves, faults });
  if (issued !== null) faults.add(...faultsBetween(issued, set));
  faults.add(...(await factFaults(files, leaves, faults)));
  const checkpoints = [issued?.checkpoint, set].filter((one) => one !== undefined && one !== null);
  return {
    proves:
      issued === null
        ? null
        : { report: { about: issued.about, index: issued.index, sha256: issued.sha256 }, facts: leaves.count },
    ...{ checkpoints, signedBy: issued?.signers ?? [], faults: faults.found },
  };
}

async function provenIn(
  file: Buffer | undefined,
  { keys, leaves, faults }: { keys: readonly VerifierKey[]; leaves: KnownLeaves; faults: Faults },
): Promise<Checkpoint | null> {
  if (file === undefined) return null;
  const [head = '', ...lines] = file.toString('utf8').split('\n');
  const set = await faults.of(LEDGER_FILE, () => new ProofSet(head, keys));
  if (set === null) return null;
  for (const line of lines) {
    if (line === '') continue;
    const leaf = await faults.of(LEDGER_FILE, () => set.leaf(line));
    if (leaf !== null) leaves.add(leaf);
  }
  return set.checkpoint;
}

/** The tree of the facts has to be the one that the report was issued after. */
function faultsBetween({ earlier }: IssuedDocument, facts: Checkpoint | null): string[] {
  if (earlier === null && facts === null) return [];
  if (facts === null) return [`missing: ${LEDGER_FILE}, which proves its facts at ${earlier?.size} leaves`];
  const isSame = earlier?.size === facts.size && earlier.root.equals(facts.root) && earlier.origin === facts.origin;
  return isSame ? [] : [`forked: ${LEDGER_FILE} is of another tree than the report was issued after`];
}

const signatureTold = z.object({
  name: z.string(),
  role: z.string(),
  at: z.string(),
  meaning: z.string(),
  recordHash: z.string(),
});

const revisionTold = z.object({
  ...{ change: z.number(), rule: z.string(), key: z.string(), from: z.string(), event: z.string() },
  ...{ reason: z.string().nullable() },
  finding: z.looseObject({ to: z.string().nullable() }).nullable(),
});

/** What of `report.json` stands in the ledger too. */
const told = z.object({
  audit: z.array(z.record(z.string(), z.unknown())).default([]),
  case: z.object({ id: z.string() }).default({ id: '' }),
  findings: z.array(revisionTold).default([]),
  rules: z.array(z.object({ id: z.string(), version: z.number(), rule: z.unknown() })).default([]),
  decisions: z
    .array(
      z.object({
        ...{ number: z.number(), revision: z.number(), disposition: z.string(), reason: z.string() },
        ...{ serials: z.number(), serialsHash: z.string(), signatures: z.array(signatureTold) },
        scope: z.object({ group: z.string().nullable(), lot: z.string().nullable() }),
      }),
    )
    .default([]),
  steps: z
    .array(
      z.object({
        ...{ number: z.number(), reason: z.string(), undoes: z.number().nullable(), signature: signatureTold },
      }),
    )
    .default([]),
});

const signedText = z.object({ subject: z.string(), text: z.string() });
const signatureSaid = z.object({ role: z.string(), at: z.number(), meaning: z.string() });

/** What `report.json` says beside what the ledger says. */
async function factFaults(files: ReadonlyMap<string, Buffer>, leaves: KnownLeaves, faults: Faults): Promise<string[]> {
  const said = await faults.of('report.json', () => parsed(files.get('report.json'), told));
  const lines = (files.get('signed.jsonl')?.toString('utf8') ?? '').split('\n').filter((line) => line !== '');
  const signed = await faults.of('signed.jsonl', () => lines.map((line) => parsed(Buffer.from(line), signedText)));
  if (said === null || signed === null) return [];
  const found = said.audit.flatMap((entry) => leaves.entryFaults(entry));
  const texts = new Map(signed.map((one) => [one.subject, one.text]));
  found.push(...signed.flatMap((one) => leaves.textFaults(one)));
  const signature = (subject: string, { name, recordHash, ...shown }: z.output<typeof signatureTold>) => {
    found.push(...leaves.subjectFaults(subject, { name, recordHash }));
    const text = texts.get(subject);
    if (text === undefined) return found.push(`missing: signed.jsonl does not have ${subject}`);
    const kept = signatureSaid.safeParse(JSON.parse(text)).data;
    const isSame = kept?.role === shown.role && kept.meaning === shown.meaning && kept.at === Date.parse(shown.at);
    return isSame ? 0 : found.push(`changed: ${subject} was signed with another role, time or meaning`);
  };
  for (const { change, from, finding, ...shown } of said.findings) {
    const was = finding && { ...finding, to: finding.to === null ? null : Date.parse(finding.to) };
    found.push(...leaves.revisionFaults(change, { ...shown, from: Date.parse(from), finding: was }));
  }
  for (const { id: rule, version, rule: text } of said.rules) {
    // Of a version that is known no more nothing is said.
    if (text !== null) found.push(...leaves.ruleFaults(rule, version, text));
  }
  const { id } = said.case;
  for (const { number, scope, signatures, revision, disposition, reason, serials, serialsHash } of said.decisions) {
    const shown = { number, revision, disposition, reason, serials, serialsHash, ...scope };
    found.push(...leaves.subjectFaults(`decision:${id}/${number}`, shown));
    for (const [i, one] of signatures.entries()) signature(`signature:decision:${id}/${number}/${i + 1}`, one);
  }
  for (const { number, reason, undoes, signature: one } of said.steps) {
    found.push(...leaves.subjectFaults(`step:${id}/${number}`, { number, reason, undoes }));
    signature(`signature:step:${id}/${number}/1`, one);
  }
  return found;
}

function parsed<T extends z.ZodType>(file: Buffer | undefined, form: T): z.output<T> {
  if (file === undefined) throw new InputError('LEDGER_FILE_UNREADABLE', 'missing: it is not in the report');
  try {
    return form.parse(JSON.parse(file.toString('utf8')));
  } catch (cause) {
    throw new InputError('LEDGER_FILE_UNREADABLE', 'it is not as Isotherm writes it', {}, cause);
  }
}

const attached = z.record(z.string(), z.object({ filename: z.string(), content: z.instanceof(Uint8Array) }));

/** @throws {InputError} LEDGER_FILE_UNREADABLE */
async function filesIn(pdf: Buffer): Promise<ReadonlyMap<string, Buffer>> {
  try {
    const document = await getDocumentProxy(new Uint8Array(pdf), { verbosity: 0 });
    try {
      const found = attached.parse((await document.getAttachments()) ?? {});
      return new Map(Object.values(found).map(({ filename, content }) => [filename, Buffer.from(content)]));
    } finally {
      await document.destroy();
    }
  } catch (cause) {
    throw new InputError('LEDGER_FILE_UNREADABLE', 'it cannot be read as PDF', {}, cause);
  }
}
