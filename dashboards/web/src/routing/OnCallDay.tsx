import { Button } from '@mantine/core';
import { Trouble } from '../parts/States.tsx';
import { say } from '../text/say.ts';
import { local } from '../words/when.ts';
import { type CalendarDay, dateAfter, dateText, momentOf, type ScheduleView, withOffset } from './calendar.ts';
import css from './routing.module.css';
import type { RoutingDraft } from './routing-draft.ts';

interface OnCallDayProps {
  readonly schedule: ScheduleView;
  readonly day: CalendarDay;
  readonly draft: RoutingDraft;
  readonly onDone: () => void;
}

/** Who stands in on a day, or who is on call because it is a holiday: from hand-over to hand-over. */
export function OnCallDay({ schedule, day: { date }, draft, onDone }: OnCallDayProps) {
  const { id, zone, handOver, instead, holidays } = schedule;
  const { change, isPending, error, parts } = draft;
  const everybody = parts?.people.map((person) => person.id) ?? [];
  const [from, to] = [momentOf(date, handOver, zone), momentOf(dateAfter(date), handOver, zone)];
  const standIns = instead.filter((one) => Date.parse(one.from) < to && Date.parse(one.to) > from);
  const holiday = holidays.find((one) => one.date === date);
  const words = { date: dateText(date), schedule: id };
  const put = (value: Readonly<Record<string, unknown>>, why: string) =>
    change({ section: 'schedules', id, value }, why, onDone);
  const standIn = (person: string) => {
    const fresh = { from: withOffset(from, zone), to: withOffset(to, zone), person };
    put({ instead: [...instead, fresh] }, say('routing.reason.instead', { ...words, person }));
  };
  const makeHoliday = (people: readonly string[]) => {
    const who = people.join(', ') || say('routing.nobody');
    const others = holidays.filter((one) => one.date !== date);
    put({ holidays: [...others, { date, people }] }, say('routing.reason.holiday', { ...words, who }));
  };
  return (
    <div className={css.day}>
      <h4>{say('routing.day', { date: dateText(date), from: local(from, zone), to: local(to, zone) })}</h4>
      <div className={css.choice}>
        <span>{say('routing.day.instead')}</span>
        <span className="buttons">
          {everybody.map((person) => (
            <Button
              key={person}
              variant="default"
              size="sm"
              disabled={isPending}
              aria-label={say('routing.day.instead.of', { person })}
              onClick={() => standIn(person)}
            >
              {person}
            </Button>
          ))}
        </span>
      </div>
      <div className={css.choice}>
        <span>{say('routing.day.holiday')}</span>
        <span className="buttons">
          <Button variant="default" size="sm" disabled={isPending} onClick={() => makeHoliday([])}>
            {say('routing.nobody')}
          </Button>
          {everybody.map((person) => (
            <Button
              key={person}
              variant="default"
              size="sm"
              disabled={isPending}
              aria-label={say('routing.day.holiday.of', { person })}
              onClick={() => makeHoliday([person])}
            >
              {person}
            </Button>
          ))}
        </span>
      </div>
      {standIns.map((one) => (
        <div key={`${one.from} ${one.person}`} className={css.choice}>
          <span>
            {say('routing.day.standsIn', {
              person: one.person,
              from: local(Date.parse(one.from), zone),
              to: local(Date.parse(one.to), zone),
            })}
          </span>
          <Button
            variant="default"
            size="sm"
            disabled={isPending}
            onClick={() =>
              put(
                { instead: empty(instead.filter((other) => other !== one)) },
                say('routing.reason.insteadGone', { ...words, person: one.person }),
              )
            }
          >
            {say('routing.takeOut')}
          </Button>
        </div>
      ))}
      {holiday === undefined ? null : (
        <div className={css.choice}>
          <span>{say('routing.day.isHoliday', { who: holiday.people.join(', ') || say('routing.nobody') })}</span>
          <Button
            variant="default"
            size="sm"
            disabled={isPending}
            onClick={() =>
              put(
                { holidays: empty(holidays.filter((one) => one !== holiday)) },
                say('routing.reason.holidayGone', words),
              )
            }
          >
            {say('routing.takeOut')}
          </Button>
        </div>
      )}
      <Trouble error={error} />
    </div>
  );
}

/** A list that is empty is not written. */
function empty<T>(list: readonly T[]): readonly T[] | null {
  return list.length === 0 ? null : list;
}
