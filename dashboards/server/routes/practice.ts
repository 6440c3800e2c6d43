import {
  can,
  InputError,
  type Origination,
  PRACTICE_JOBS,
  PRACTICE_ROLES,
  type PracticeRole,
  rolesWith,
} from '../../../domain/index.ts';
import { effectsOf } from '../../../storage/index.ts';
import { type PracticeSiteView, practiceOperations } from '../../api/index.ts';
import { acceptedWith, ok } from '../answer.ts';
import type { Identity } from '../identity.ts';
import { mount } from '../mount.ts';
import type { PracticeSource } from '../practice.ts';
import { notFound, Refusal } from '../problems.ts';
import type { Services } from '../services.ts';
import { openSession, personOf, signedIn } from '../sign-in.ts';

const OFF: PracticeSiteView = { state: 'off', detail: null, people: 0, mayEnd: false };
/** Who has it puts an end to what others practise. */
const ENDS = 'installation.manage';

/** The practice site as the real one sees it; and what the practice site itself answers. */
export function practiceRoutes(services: Services) {
  const { accounts, audit, database, mode, practice, time } = services;

  /** Who practised when is part of a training record. What is practised leaves nothing here. */
  const recorded = (by: Origination, verb: 'begin' | 'end' | 'enter', what: object) =>
    database.transaction(async (client) => {
      const entry = { action: `practice.${verb}`, subject: 'practice:site' } as const;
      await audit.add(effectsOf(client), { ...by, ...entry, at: time.now(), new: what });
    });

  return [
    mount(practiceOperations.state, async ({ identity }) => ok(practice === null ? OFF : seenBy(identity, practice))),

    mount(practiceOperations.begin, async ({ identity, body: { isAnew }, origination }) => {
      personOf(identity);
      const site = offered(practice);
      const { state } = site.state;
      if (isAnew) requireEnds(identity, site);
      const isStarting = isAnew || state === 'off' || state === 'failed';
      if (isStarting) await recorded(origination, 'begin', { isAnew });
      site.begin(isAnew);
      return acceptedWith(seenBy(identity, site));
    }),

    mount(practiceOperations.end, async ({ identity, origination }) => {
      personOf(identity);
      const site = offered(practice);
      requireEnds(identity, site);
      if (site.state.state !== 'off') await recorded(origination, 'end', {});
      await site.end();
      return ok(seenBy(identity, site));
    }),

    mount(practiceOperations.enter, async ({ identity, body: { role }, origination }) => {
      const { name } = personOf(identity);
      const entry = offered(practice).enter(name, role);
      await recorded(origination, 'enter', { role });
      return ok(entry);
    }),

    mount(practiceOperations.signIn, async ({ body, request, response }) => {
      if (mode.practice === undefined) throw notFound('PRACTICE_NOT_HERE', 'this is no practice site');
      const { name, role } = mode.practice.tickets.redeem(body.ticket);
      const known = (await accounts.users.list()).find((one) => one.name === name);
      if (known === undefined) await accounts.users.create({ name, role, password: mode.practice.password });
      else if (known.role !== role) await accounts.users.change(name, { role });
      const user = await accounts.users.get(name);
      await openSession(services, user, request, response);
      return ok(await signedIn(services, user, 'password'));
    }),

    mount(practiceOperations.jobs, async ({ identity }) => {
      if (mode.practice === undefined) throw notFound('PRACTICE_NOT_HERE', 'this is no practice site');
      const { id, role: name } = personOf(identity);
      const role = PRACTICE_ROLES.find((one) => one === name) ?? roleUnknown(name);
      const { password, home } = mode.practice;
      const jobs = await Promise.all(
        PRACTICE_JOBS[role].map(async ({ id: job, start, actions }) => {
          const found = await Promise.all(
            actions.map((action) => audit.list({ actor: `user:${id}`, action, limit: 1 })),
          );
          return { id: job, start, isDone: found.some(({ items }) => items.length > 0) };
        }),
      );
      return ok({ role, password, home, jobs });
    }),
  ];
}

function offered(practice: PracticeSource | null): PracticeSource {
  if (practice !== null) return practice;
  throw notFound('PRACTICE_OFF', 'no practice site is offered here; practice.enabled turns it on');
}

function mayEnd(identity: Identity, site: PracticeSource): boolean {
  return site.othersThan(identity.name) === 0 || can(identity, ENDS);
}

function seenBy(identity: Identity, site: PracticeSource): PracticeSiteView {
  return { ...site.state, mayEnd: mayEnd(identity, site) };
}

/** @throws {Refusal} 403 PRACTICE_OF_OTHERS */
function requireEnds(identity: Identity, site: PracticeSource): void {
  if (mayEnd(identity, site)) return;
  const others = site.othersThan(identity.name);
  const who = others === 1 ? 'one other person practises' : `${others} others practise`;
  const allowed = rolesWith(ENDS).join(', ');
  throw new Refusal(403, 'PRACTICE_OF_OTHERS', `${who} there; allowed to end it for them: ${allowed}`);
}

function roleUnknown(role: string): PracticeRole {
  throw new InputError('PRACTICE_ROLE', `role: given "${role}", allowed to practise: ${PRACTICE_ROLES.join(', ')}`);
}
