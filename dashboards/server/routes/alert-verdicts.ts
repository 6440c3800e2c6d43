import { InputError, type Origination, type SeenFrom } from '../../../domain/index.ts';
import { caseNumber, findCase, type Step, type StepWish } from '../../../quality/index.ts';
import { type AlertVerdictDraft, alertVerdictOperations } from '../../api/index.ts';
import { created, ok } from '../answer.ts';
import { stepView } from '../case-decision-views.ts';
import { mount } from '../mount.ts';
import type { Services } from '../services.ts';
import { recordOther, shownTo, showToSign, signerOf, signingPerson } from '../signing.ts';

/** What people say of an alert where data cannot tell: signed steps of its cases. */
export function alertVerdictRoutes(services: Services) {
  const { alertVerdicts, at, caseAssessor, caseJudgement, database, decisionActs, steps } = services;

  return [
    mount(alertVerdictOperations.list, async ({ identity, parameters: { id }, seenFrom }) => {
      await at(seenFrom).alertService.get(id);
      const { cases, verdicts } = await alertVerdicts.of(id, seenFrom);
      const items = verdicts.map(({ case: inCase, step }) => ({ case: inCase, step: stepView(step) }));
      return ok({ cases: [...cases], items, signing: await caseJudgement.signing(identity) });
    }),

    mount(
      alertVerdictOperations.draft,
      async ({ identity, parameters: { id }, body, request, origination, seenFrom }) => {
        signingPerson(identity);
        const what = await stepFor(id, body, seenFrom);
        const inCase = await caseOf(id, body, origination, seenFrom);
        await requireOther(inCase, what);
        const record = await steps.drafted(inCase, await wishFor(inCase, what, body.reason));
        return ok({ ...(await showToSign(services, { identity, request }, record)), record, case: inCase });
      },
    ),

    mount(
      alertVerdictOperations.give,
      async ({ identity, parameters: { id }, body, request, origination, seenFrom }) => {
        signingPerson(identity);
        const { signature, revision, reason } = body;
        const asking = { identity, request, origination };
        const what = await stepFor(id, body, seenFrom);
        const shown = await shownTo(services, asking, signature);
        // Who cannot sign opens no case; a passkey and a fresh sign-in have one already, by what they were shown.
        const byPassword = 'password' in signature ? await signerOf(services, asking, signature, null) : null;
        const inCase = await caseOf(id, body, origination, seenFrom);
        await requireOther(inCase, what);
        const drafted = await steps.drafted(inCase, await wishFor(inCase, what, reason));
        if (shown !== null && shown.record !== drafted) throw recordOther();
        const signer = byPassword ?? (await signerOf(services, asking, signature, shown));
        const number = await steps.take(inCase, drafted, signer, origination, { id, revision });
        await decisionActs.run();
        const step = (await steps.of({ number: caseNumber(inCase) })).find((one) => one.number === number);
        const { state } = await at(seenFrom).alertService.get(id);
        if (step === undefined) throw new InputError('STEP_UNKNOWN', `the case has no step ${number}`);
        return created({ case: inCase, step: stepView(step), state }, `/api/v1/alerts/${id}/verdicts`);
      },
    ),
  ];

  /** @throws {InputError} ALERT_UNKNOWN; VERDICT_WITHOUT_LOGGER, STEP_SPAN_BAD */
  async function stepFor(id: string, given: AlertVerdictDraft, seenFrom: SeenFrom): Promise<Step> {
    const { device } = (await at(seenFrom).alertService.get(id)).subject;
    if (device === undefined) {
      const message = 'the alert is of no logger: data cannot be said to be wrong; resolve it with a reason';
      throw new InputError('VERDICT_WITHOUT_LOGGER', message);
    }
    if (given.verdict === 'not part of journey') return { step: 'exclude', device, from: given.from, to: given.to };
    return { step: 'declare broken', device, from: given.since, to: given.until, instead: given.instead };
  }

  function caseOf(id: string, given: AlertVerdictDraft, by: Origination, seenFrom: SeenFrom): Promise<string> {
    return alertVerdicts.caseFor(id, given.case, { by, reason: given.reason, seenFrom });
  }

  async function wishFor(inCase: string, what: Step, reason: string): Promise<StepWish> {
    const { revision } = await findCase(database, inCase);
    return { revision, reason, what };
  }

  /** @throws {InputError} DEVICE_NOT_OF_CASE where the logger that is to count is not on the same goods */
  async function requireOther(inCase: string, what: Step): Promise<void> {
    if (what.step !== 'declare broken' || what.instead === null) return;
    const { groups } = await caseAssessor.assess({ number: caseNumber(inCase) });
    const { instead } = what;
    if (instead !== what.device && groups.some(({ devices }) => devices.includes(instead))) return;
    const message = `instead: ${instead} is no other logger that told of the goods of ${inCase}; name one, or none`;
    throw new InputError('DEVICE_NOT_OF_CASE', message, { errors: [{ path: 'instead', message }] });
  }
}
