import { describe, expect, test } from 'vitest';
import { InputError } from '../../domain/index.ts';
import { parseRouting } from './routing-file.ts';

const WHOLE = `
people:
  anna:
    zone: Europe/Berlin
    notify: { critical: [sms, mail], warning: [mail] }
    quiet: [{ from: "22:00", to: "06:00" }]
  ben: { notify: { critical: [sms] } }
teams:
  everybody: { members: [anna, ben] }
schedules:
  duty:
    zone: Europe/Berlin
    people: [anna, ben]
    start: "2026-11-02"
    days: 7
    handOver: "08:00"
    holidays: [{ date: "2026-12-25", people: [ben] }]
    instead: [{ from: "2026-11-29T08:00:00+01:00", to: "2026-11-30T08:00:00+01:00", person: ben }]
route:
  name: all
  to: [{ schedule: duty }]
  escalation: [{ after: 15m, to: [{ team: everybody }] }]
  repeat: 1h
  routes:
    - name: machines
      match: { kind: [health], labels: { team: it } }
      to: [{ channel: mail }]
      repeat: never
      continue: true
`;

function problemsOf(text: string): readonly unknown[] {
  try {
    parseRouting(text, 'routing.yaml', ['mail', 'sms']);
  } catch (error) {
    if (error instanceof InputError && Array.isArray(error.details.problems)) return error.details.problems;
    throw error;
  }
  return [];
}

describe('a routing file', () => {
  test('has windows that end with the day, as 24:00 or 00:00', () => {
    const until = (to: string) =>
      parseRouting(WHOLE.replace('to: "06:00"', `to: "${to}"`), 'routing.yaml', ['mail', 'sms']).people.get('anna')
        ?.quiet[0];
    expect(until('24:00')).toMatchObject({ from: 1_320, to: 1_440 });
    expect(until('00:00')).toMatchObject({ from: 1_320, to: 0 });
    expect(problemsOf(WHOLE.replace('to: "06:00"', 'to: "24:01"')).join()).toMatch(/quiet\[0\].to: "24:01"/);
  });

  test('is people, teams, schedules and a tree of routes', () => {
    const { people, schedules, root } = parseRouting(WHOLE, 'routing.yaml', ['mail', 'sms']);
    expect(people.get('anna')).toMatchObject({
      notify: { critical: ['sms', 'mail'], warning: ['mail'], info: [] },
      quiet: [{ from: 1_320, to: 360, days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] }],
    });
    expect(schedules.get('duty')).toMatchObject({
      handOver: 480,
      instead: [{ from: Date.parse('2026-11-29T07:00:00Z'), person: 'ben' }],
    });
    expect(root).toMatchObject({
      ...{ name: 'all', repeatMs: 3_600_000, escalation: [{ afterMs: 900_000 }] },
      routes: [{ name: 'machines', repeatMs: 0, isContinued: true, match: { labels: { team: 'it' } } }],
    });
  });

  test.each([
    [
      'a person whom nobody knows',
      'members: [anna, ben]',
      'members: [anna, bne]',
      /teams.everybody.members.1.: "bne".*anna, ben/,
    ],
    [
      'a channel that is not there',
      'notify: { critical: [sms] }',
      'notify: { critical: [pager] }',
      /:7: people.ben.notify.critical.0.: "pager".*mail, sms/,
    ],
    ['a target that is not there', '{ schedule: duty }', '{ schedule: night }', /route.to.0..schedule: "night".*duty/],
    [
      'a zone that is none',
      'zone: Europe/Berlin\n    notify',
      'zone: Berlin\n    notify',
      /people.anna.zone: "Berlin".*IANA/,
    ],
    ['a time without its quotes, which YAML reads as a number', '"08:00"', '8', /handOver: 8, .*time of day/],
    ['a day that no calendar has', '"2026-12-25"', '"2026-12-32"', /holidays.0..date/],
    ['a time without a zone', '2026-11-29T08:00:00+01:00', '2026-11-29T08:00:00', /instead.0..from.*its zone/],
    [
      'steps that go back',
      'escalation: [{',
      'escalation: [{ after: 20m, to: [{ person: ben }] }, {',
      /escalation.*later/,
    ],
    ['a key that is none', 'repeat: 1h', 'repaet: 1h', /route.repaet: unknown key/],
    ['a repeat of no time at all', 'repeat: 1h', 'repeat: 0m', /route.repeat/],
    [
      'a person whom no critical alert would reach',
      'notify: { critical: [sms] }',
      'notify: { critical: [] }',
      /people.ben.notify.critical: .*at least one channel/,
    ],
    [
      'an inhibition without a source',
      'teams:',
      'inhibit: [{ name: all, source: {}, target: { kind: [silence] } }]\nteams:',
      /inhibit.0..source: .*which alerts say it for others/,
    ],
    [
      'flapping that no number says',
      'teams:',
      'flapping: { opens: 1 }\nteams:',
      /flapping: .*never, or . opens, within/,
    ],
    ['a cap without a time', 'teams:', 'cap: { notifications: 5 }\nteams:', /cap: .*never, or . notifications, within/],
    [
      'a grace of weeks',
      'teams:',
      'inhibit: [{ name: x, source: { kind: [silence] }, target: { kind: [rate] }, grace: 400h }]\nteams:',
      /inhibit.0..grace: .*a day at most/,
    ],
    ['nobody at the root', 'to: [{ schedule: duty }]\n  esc', 'esc', /route.to: .*whom to tell/],
  ])('with %s says where, what was given and what is allowed', (_, before, after, expected) => {
    expect(WHOLE).toContain(before);
    const problems = problemsOf(WHOLE.replace(before, after));
    expect(problems.join('\n')).toMatch(expected);
    expect(problems[0]).toMatch(/^routing.yaml:\d+: /);
  });
});
