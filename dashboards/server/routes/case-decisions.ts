import { InputError, type SeenFrom } from '../../../domain/index.ts';
import { caseNumber, type DecisionRecord, type DecisionWish } from '../../../quality/index.ts';
import { caseDecisionOperations, type decisionInput } from '../../api/index.ts';
import { created, ok } from '../answer.ts';
import { decisionView, stepView } from '../case-decision-views.ts';
import { mount } from '../mount.ts';
import { notFound } from '../problems.ts';
import type { Services } from '../services.ts';
import { hashSigned, passkeyOptions, signerOf, signingPerson } from '../signing.ts';

/** Decisions on the goods of a case, with their signatures. */
export function caseDecisionRoutes(services: Services) {
  const { caseAssessor, decisionActs, decisions, recordsToSign, steps } = services;

  return [
    mount(caseDecisionOperations.draft, async ({ identity, parameters: { id }, body, request, seenFrom }) => {
      await requireSeen(id, seenFrom);
      const { session } = signingPerson(identity);
      const record = await known(decisions.drafted(id, wishOf(body)));
      const recordHash = await recordsToSign.show(session, record);
      const { serials, needsSecond } = JSON.parse(record) as DecisionRecord;
      const passkey = await passkeyOptions(services, { identity, request }, recordHash);
      return ok({ recordHash, serials: serials.count, needsSecond, record, passkey });
    }),

    mount(
      caseDecisionOperations.decide,
      async ({ identity, parameters: { id }, body, request, origination, seenFrom }) => {
        await requireSeen(id, seenFrom);
        const { session } = signingPerson(identity);
        const asking = { identity, request, origination };
        const { signature } = body;
        // A passkey has signed what it was shown, to the byte; everything else signs what it comes to now.
        const hash = 'passkey' in signature ? hashSigned(signature.passkey) : null;
        const shown = hash === null ? null : await recordsToSign.taken(session, hash);
        if (shown !== null) requireSame(JSON.parse(shown) as DecisionRecord, id, wishOf(body));
        const record = shown ?? (await known(decisions.drafted(id, wishOf(body))));
        const signer = await signerOf(services, asking, signature, shown === null ? null : hash);
        const number = await known(decisions.decide(record, signer, origination));
        await decisionActs.run();
        return created(await viewOf(id, number), `/api/v1/cases/${id}`);
      },
    ),

    mount(caseDecisionOperations.challenge, async ({ identity, parameters: { id, number }, request, seenFrom }) => {
      await requireSeen(id, seenFrom);
      signingPerson(identity);
      const recordHash = await known(decisions.recordHash(id, numberOf(number)));
      return ok({ recordHash, passkey: await passkeyOptions(services, { identity, request }, recordHash) });
    }),

    mount(
      caseDecisionOperations.sign,
      async ({ identity, parameters: { id, number }, body, request, origination, seenFrom }) => {
        await requireSeen(id, seenFrom);
        signingPerson(identity);
        const recordHash = await known(decisions.recordHash(id, numberOf(number)));
        const signature = 'signature' in body ? body.signature : body;
        const signer = await signerOf(services, { identity, request, origination }, signature, recordHash);
        await known(decisions.countersign(id, numberOf(number), signer, origination));
        await decisionActs.run();
        return created(await viewOf(id, numberOf(number)), `/api/v1/cases/${id}`);
      },
    ),

    mount(
      caseDecisionOperations.step,
      async ({ identity, parameters: { id }, body, request, origination, seenFrom }) => {
        await requireSeen(id, seenFrom);
        signingPerson(identity);
        const { revision, reason, step } = body;
        if (step.step !== 'excuse') await requireOwnDevice(id, step.device);
        const signer = await signerOf(services, { identity, request, origination }, body.signature, null);
        const number = await known(steps.take(id, { revision, reason, what: step }, signer, origination));
        await decisionActs.run();
        return created(await stepOf(id, number), `/api/v1/cases/${id}`);
      },
    ),

    mount(
      caseDecisionOperations.undo,
      async ({ identity, parameters: { id, number }, body, request, origination, seenFrom }) => {
        await requireSeen(id, seenFrom);
        signingPerson(identity);
        const { revision, reason } = body;
        const what = numberOf(number);
        const signer = await signerOf(services, { identity, request, origination }, body.signature, null);
        const made = await known(steps.take(id, { revision, reason, what }, signer, origination));
        await decisionActs.run();
        return created(await stepOf(id, made), `/api/v1/cases/${id}`);
      },
    ),

    mount(caseDecisionOperations.record, async ({ parameters: { id, number }, seenFrom }) => {
      await requireSeen(id, seenFrom);
      const [recordHash, record] = [
        await known(decisions.recordHash(id, numberOf(number))),
        await known(decisions.record(id, numberOf(number))),
      ];
      return ok({ recordHash, record });
    }),
  ];

  async function requireSeen(id: string, seenFrom: SeenFrom): Promise<void> {
    if (!(await known(decisions.isSeen(id, seenFrom)))) throw notFound('CASE_UNKNOWN', `there is no case ${id}`);
  }

  /** @throws {InputError} DEVICE_NOT_OF_CASE */
  async function requireOwnDevice(id: string, device: string): Promise<void> {
    const { groups } = await caseAssessor.assess({ number: caseNumber(id) });
    if (groups.some(({ devices }) => devices.includes(device))) return;
    throw new InputError('DEVICE_NOT_OF_CASE', `${device} told nothing of the goods of this case`);
  }

  async function stepOf(id: string, number: number) {
    const step = (await steps.of({ number: caseNumber(id) })).find((one) => one.number === number);
    if (step === undefined) throw notFound('STEP_UNKNOWN', `case ${id} has no step ${number}`);
    return stepView(step);
  }

  async function viewOf(id: string, number: number) {
    const found = caseNumber(id);
    const all = await decisions.of({ number: found }, await caseAssessor.assess({ number: found }));
    const one = all.find((decision) => decision.number === number);
    if (one === undefined) throw notFound('DECISION_UNKNOWN', `case ${id} has no decision ${number}`);
    return decisionView(one);
  }
}

type DecisionInput = ReturnType<(typeof decisionInput)['parse']>;

function wishOf({
  revision,
  serials,
  group,
  lot,
  toDecide,
  disposition,
  reason,
}: Omit<DecisionInput, 'signature'>): DecisionWish {
  return { revision, scope: { serials, group, lot, toDecide }, disposition, reason };
}

/** @throws {InputError} RECORD_OTHER */
function requireSame(record: DecisionRecord, id: string, { revision, scope, disposition, reason }: DecisionWish): void {
  const { epcs } = record.serials;
  const meant = scope.serials === undefined ? null : new Set(scope.serials);
  const isMeant = meant === null || epcs.every((epc) => meant.has(epc));
  const isSame =
    record.case === id &&
    record.revision === revision &&
    record.disposition === disposition &&
    record.reason === reason &&
    record.scope.group === (scope.group ?? null) &&
    record.scope.lot === (scope.lot ?? null) &&
    (record.scope.toDecide ?? false) === (scope.toDecide ?? false) &&
    isMeant &&
    (meant === null || scope.toDecide === true || meant.size === epcs.length);
  if (!isSame)
    throw new InputError(
      'RECORD_OTHER',
      'the passkey has signed another decision than the one that is sent; try again',
    );
}

function numberOf(given: string): number {
  const number = /^\d{1,9}$/.test(given) ? Number(given) : Number.NaN;
  if (Number.isNaN(number))
    throw notFound('DECISION_UNKNOWN', `decision: given ${given.slice(0, 20)}, allowed: a number`);
  return number;
}

async function known<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof InputError && ['CASE_UNKNOWN', 'DECISION_UNKNOWN', 'STEP_UNKNOWN'].includes(error.code)) {
      throw notFound(error.code, error.message);
    }
    throw error;
  }
}
