import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { changeRouting, type RoutingChange } from './routing-change.ts';

const TEXT = `# Cold rooms of the north
people:
  # nights only
  anna:
    zone: Europe/Berlin          # lives in Potsdam
    notify: { critical: [sms, mail],   warning: [mail] }
    quiet:
      # not before six
      - { from: "22:00", to: "06:00" }
  ben: { notify: { critical: [sms] } }   # until May

teams:
  all: { members: [anna, ben] }
schedules:
  duty:
    zone: Europe/Berlin
    people: [anna, ben]
    start: "2026-11-02"
    handOver: "08:00"
    holidays:
      - { date: "2026-12-25", people: [ben] } # as agreed
    # who is away
    instead: [{ from: "2026-11-29T07:00:00Z", to: "2026-11-30T08:00:00+01:00", person: ben }]

# The tree
route: { name: all, to: [{ schedule: duty }] }   # everything
`;

/** What went and what came, line by line. */
function changed(change: RoutingChange, text = TEXT) {
  const result = changeRouting(text, change);
  const [before, after] = [text.split('\n'), result.text.split('\n')];
  return {
    gone: before.filter((line) => !after.includes(line)),
    come: after.filter((line) => !before.includes(line)),
    lost: result.lost,
  };
}

describe('a form changes the text that people wrote', () => {
  test('a field of a person is the only line that is other, and keeps what is said beside it', () => {
    const change = { section: 'people', id: 'anna', value: { zone: 'Europe/Lisbon' } } as const;
    const { text, lost } = changeRouting(TEXT, change);
    expect(text).toBe(TEXT.replace('zone: Europe/Berlin  ', 'zone: Europe/Lisbon  '));
    expect(lost).toEqual([]);
  });

  test('a holiday is one line more, its date in quotes', () => {
    const holidays = [
      { date: '2026-12-25', people: ['ben'] },
      { date: '2026-12-26', people: ['anna'] },
    ];
    expect(changed({ section: 'schedules', id: 'duty', value: { holidays } })).toEqual({
      gone: [],
      come: ['      - { date: "2026-12-26", people: [anna] }'],
      lost: [],
    });
  });

  test('who stands in is added where none did, and where it is written on one line', () => {
    const instead = [{ from: '2026-12-01T08:00:00+01:00', to: '2026-12-02T08:00:00+01:00', person: 'anna' }];
    const { text } = changeRouting(TEXT, { section: 'schedules', id: 'duty', value: { instead } });
    expect(text).toContain('# who is away\n    instead:\n      - { from: "2026-12-01T08:00:00+01:00", to');
    const none = changeRouting(TEXT, { section: 'schedules', id: 'duty', value: { instead: null } });
    expect(none.text).not.toContain('instead');
  });

  test('somebody new stands after the others, and a first team in a section of its own', () => {
    const carl = { zone: 'Europe/Paris', notify: { critical: ['sms'] }, quiet: [{ from: '22:00', to: '06:00' }] };
    const { gone } = changed({ section: 'people', id: 'carl', value: carl });
    expect(gone).toEqual([]);
    expect(changeRouting(TEXT, { section: 'people', id: 'carl', value: carl }).text).toContain(`# until May
  carl:
    zone: Europe/Paris
    notify: { critical: [sms] }
    quiet:
      - { from: "22:00", to: "06:00" }

teams:`);
    const bare = 'people:\n  anna: { notify: { critical: [sms] } }\nroute: { name: all, to: [{ person: anna }] }';
    const { text } = changeRouting(bare, { section: 'teams', id: 'all', value: { members: ['anna'] } });
    expect(text).toBe(`${bare}\nteams:\n  all:\n    members: [anna]\n`);
  });

  test('who goes takes along what stands right above and beside them, and it is said', () => {
    expect(changed({ section: 'people', id: 'anna', value: null }).lost).toEqual([
      '# nights only',
      '# lives in Potsdam',
      '# not before six',
    ]);
    const { text, lost } = changeRouting(TEXT, { section: 'teams', id: 'all', value: null });
    expect([parse(text).teams, lost]).toEqual([undefined, []]);
    expect(text).toContain('# until May\n\nschedules:');
  });

  test('a section on one line stays on one', () => {
    const flow =
      '# top\npeople: { anna: { notify: { critical: [sms] } } } # who\nroute: { name: all, to: [{ person: anna }] }\n';
    const { text, lost } = changeRouting(flow, { section: 'people', id: 'anna', value: { language: 'de' } });
    expect(text.split('\n')[1]).toBe('people: { anna: { notify: { critical: [sms] }, language: de } } # who');
    expect(lost).toEqual([]);
  });

  test('what an alias repeats is refused rather than changed for somebody else', () => {
    const shared =
      'people:\n  anna: &a { notify: { critical: [sms] } }\n  ben: *a\nroute: { name: all, to: [{ person: anna }] }\n';
    expect(() => changeRouting(shared, { section: 'people', id: 'anna', value: { zone: 'Europe/Berlin' } })).toThrow(
      /change it in the text/,
    );
    expect(() => changeRouting('people: [', { section: 'people', id: 'a', value: null })).toThrow(/not YAML/);
  });

  test('whatever is changed, in whatever order, the text says that and nothing else is lost', () => {
    const id = fc.constantFrom('anna', 'ben', 'carl', 'duty', 'all', 'on', '1');
    const entry = fc.dictionary(
      fc.constantFrom('zone', 'quiet', 'notify', 'people', 'x: y'),
      fc.oneof(
        fc.constantFrom('a # b', '22:00', 'no', '', '- x', "it's", 'ü\n2'),
        fc.array(fc.constantFrom('sms', '08:00')),
        fc.array(fc.record({ from: fc.constantFrom('22:00', '1') }, { noNullPrototype: true }), { minLength: 1 }),
        fc.constant(null),
        fc.record({ critical: fc.array(fc.constantFrom('sms', 'mail'), { minLength: 1 }) }, { noNullPrototype: true }),
      ),
      { noNullPrototype: true },
    );
    const change = fc.record({
      section: fc.constantFrom('people', 'teams', 'schedules'),
      id,
      value: fc.option(entry, { freq: 4 }),
    }) as fc.Arbitrary<RoutingChange>;
    fc.assert(
      fc.property(fc.array(change, { maxLength: 6 }), (changes) => {
        let text = TEXT;
        const lost: string[] = [];
        for (const { section, id, value } of changes) {
          const before = parse(text);
          const result = changeRouting(text, { section, id, value });
          text = result.text;
          lost.push(...result.lost);
          const { [id]: entry, ...others } = parse(text)[section] ?? {};
          const { [id]: was, ...othersBefore } = before[section] ?? {};
          expect({ ...parse(text), [section]: others }).toEqual({ ...before, [section]: othersBefore });
          const kept = Object.entries({ ...was, ...value })
            .filter(([key]) => value?.[key] !== null)
            .map(([key, one]) => [key, isMap(one) && isMap(was?.[key]) ? { ...was[key], ...one } : one]);
          expect(entry).toEqual(value === null ? undefined : Object.fromEntries(kept));
        }
        for (const [comment] of TEXT.matchAll(/# .*$/gm)) expect([...lost, text].join('\n')).toContain(comment);
      }),
      { numRuns: 100 },
    );
  });
});

function isMap(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
