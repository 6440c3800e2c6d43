import { InputError, type SeenFrom } from '../../../domain/index.ts';
import {
  caseNumber,
  type DecisionRecord,
  type DecisionWish,
  type Step,
  type StepWish,
} from '../../../quality/index.ts';
import { caseDecisionOperations, type decisionInput, type SignatureInput } from '../../api/index.ts';
import { evidenceTimeFault } from '../../api/plausible.ts';
import { created, ok } from '../answer.ts';
import { decisionView, stepView } from '../case-decision-views.ts';
import { mount } from '../mount.ts';
import { notFound } from '../problems.ts';
import type { Services } from '../services.ts';
import { type Asking, recordOther, shownTo, showToSign, signerOf, signingPerson } from '../signing.ts';

/** Decisions on the goods of a case, with their signatures. */
export function caseDecisionRoutes(services: Services) {
  const { caseAssessor, decisionActs, decisions, steps } = services;

  return [
    mount(caseDecisionOperations.draft, async ({ identity, parameters: { id }, body, request, seenFrom }) => {
      await requireSeen(id, seenFrom);
      signingPerson(identity);
      const record = await known(decisions.drafted(id, wishOf(body)));
      const { serials, needsSecond } = JSON.parse(record) as DecisionRecord;
      const shown = await showToSign(services, { identity, request }, record);
      return ok({ ...shown, serials: serials.count, needsSecond, record });
    }),

    ...[caseDecisionOperations.decide, caseDecisionOperations.dispose].map((operation) =>
      mount(operation, async ({ identity, parameters: { id }, body, request, origination, seenFrom }) => {
        await requireSeen(id, seenFrom);
        signingPerson(identity);
        const asking = { identity, request, origination };
        const shown = await shownTo(services, asking, body.signature);
        if (shown !== null) requireSame(shown.record, id, wishOf(body));
        const record = shown?.record ?? (await known(decisions.drafted(id, wishOf(body))));
        const signer = await signerOf(services, asking, body.signature, shown);
        const number = await known(decisions.decide(record, signer, origination));
        await decisionActs.run();
        return created(await viewOf(id, number), `/api/v1/cases/${id}`);
      }),
    ),

    mount(caseDecisionOperations.challenge, async ({ identity, parameters: { id, number }, request, seenFrom }) => {
      await requireSeen(id, seenFrom);
      signingPerson(identity);
      return ok(await showToSign(services, { identity, request }, await known(decisions.record(id, numberOf(number)))));
    }),

    mount(
      caseDecisionOperations.sign,
      async ({ identity, parameters: { id, number }, body, request, origination, seenFrom }) => {
        await requireSeen(id, seenFrom);
        signingPerson(identity);
        const asking = { identity, request, origination };
        const hash = await known(decisions.recordHash(id, numberOf(number)));
        const signature = 'signature' in body ? body.signature : body;
        const shown = await shownTo(services, asking, signature);
        const signer = await signerOf(services, asking, signature, { hash, signIn: shown?.signIn ?? null });
        await known(decisions.countersign(id, numberOf(number), signer, origination));
        await decisionActs.run();
        return created(await viewOf(id, numberOf(number)), `/api/v1/cases/${id}`);
      },
    ),

    mount(caseDecisionOperations.draftStep, async ({ identity, parameters: { id }, body, request, seenFrom }) => {
      await requireSeen(id, seenFrom);
      signingPerson(identity);
      const { step: what, ...wish } = body;
      await requireOwnDevices(id, what);
      return draftedStep({ identity, request }, await known(steps.drafted(id, { ...wish, what })));
    }),

    mount(
      caseDecisionOperations.step,
      async ({ identity, parameters: { id }, body, request, origination, seenFrom }) => {
        await requireSeen(id, seenFrom);
        signingPerson(identity);
        const { signature, step: what, ...wish } = body;
        await requireOwnDevices(id, what);
        return created(
          await stepOf(id, await take(id, { ...wish, what }, signature, { identity, request, origination })),
          `/api/v1/cases/${id}`,
        );
      },
    ),

    mount(
      caseDecisionOperations.draftUndo,
      async ({ identity, parameters: { id, number }, body, request, seenFrom }) => {
        await requireSeen(id, seenFrom);
        signingPerson(identity);
        return draftedStep({ identity, request }, await known(steps.drafted(id, { ...body, what: numberOf(number) })));
      },
    ),

    mount(
      caseDecisionOperations.undo,
      async ({ identity, parameters: { id, number }, body, request, origination, seenFrom }) => {
        await requireSeen(id, seenFrom);
        signingPerson(identity);
        const { signature, ...wish } = body;
        const what = numberOf(number);
        return created(
          await stepOf(id, await take(id, { ...wish, what }, signature, { identity, request, origination })),
          `/api/v1/cases/${id}`,
        );
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
  async function requireOwnDevices(id: string, step: Step): Promise<void> {
    if (step.step === 'excuse') return;
    requirePlausibleTimes(step);
    const instead = step.step === 'declare broken' ? step.instead : null;
    if (instead === step.device) throw insteadOfItself(instead);
    const asked = instead === null ? [step.device] : [step.device, instead];
    const { groups } = await caseAssessor.assess({ number: caseNumber(id) });
    const other = asked.find((device) => !groups.some(({ devices }) => devices.includes(device)));
    if (other === undefined) return;
    throw new InputError('DEVICE_NOT_OF_CASE', `${other} told nothing of the goods of this case`);
  }

  /** @throws {InputError} STEP_SPAN_BAD a year that nothing was measured in */
  function requirePlausibleTimes({ from, to }: { readonly from: number; readonly to: number | null }): void {
    for (const [member, at] of [
      ['from', from],
      ['to', to],
    ] as const) {
      const message = evidenceTimeFault(at, services.time.now());
      if (message === null) continue;
      throw new InputError('STEP_SPAN_BAD', `${member}: ${message}`, { errors: [{ path: `step.${member}`, message }] });
    }
  }

  async function draftedStep(asking: Pick<Asking, 'identity' | 'request'>, record: string) {
    return ok({ ...(await showToSign(services, asking, record)), record });
  }

  /** Takes a step, or takes one back. A passkey and a fresh sign-in have signed what it comes to, or another one. */
  async function take(id: string, wish: StepWish, signature: SignatureInput, asking: Asking): Promise<number> {
    const shown = await shownTo(services, asking, signature);
    const drafted = await known(steps.drafted(id, wish));
    if (shown !== null && shown.record !== drafted) throw recordOther();
    const signer = await signerOf(services, asking, signature, shown);
    const number = await known(steps.take(id, drafted, signer, asking.origination));
    await decisionActs.run();
    return number;
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
function requireSame(shown: string, id: string, { revision, scope, disposition, reason }: DecisionWish): void {
  const record = JSON.parse(shown) as DecisionRecord | { readonly type: 'isotherm.step/1' };
  if (record.type !== 'isotherm.decision/1') throw recordOther();
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
  if (!isSame) throw recordOther();
}

function insteadOfItself(device: string): InputError {
  const message = `instead: ${device} is the logger that is declared broken; name another one on the same goods, or none`;
  return new InputError('DEVICE_NOT_OF_CASE', message, { errors: [{ path: 'step.instead', message }] });
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
