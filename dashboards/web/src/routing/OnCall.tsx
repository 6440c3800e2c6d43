import { useState } from 'react';
import { say } from '../text/say.ts';
import { local, zoneName } from '../words/when.ts';
import { type CalendarShift, calendarOf, dateText, type ScheduleView } from './calendar.ts';
import { OnCallDay } from './OnCallDay.tsx';
import css from './routing.module.css';
import type { RoutingDraft } from './routing-draft.ts';

const DAYS = 14;

/** Who is on call now and next, and a calendar of two weeks, each by the clock of its schedule. */
export function OnCall({ draft, isEditable }: { draft: RoutingDraft; isEditable: boolean }) {
  const { parts } = draft;
  if (parts === null || parts.schedules.length === 0) return null;
  return (
    <section className="section-open" aria-labelledby="on-call">
      <h2 id="on-call">{say('routing.onCall')}</h2>
      <p className="muted">{isEditable ? say('routing.onCall.hint') : say('routing.onCall.read')}</p>
      {parts.schedules.map((schedule) => (
        <Calendar key={schedule.id} schedule={schedule} draft={draft} isEditable={isEditable} />
      ))}
    </section>
  );
}

function Calendar({
  schedule,
  draft,
  isEditable,
}: {
  schedule: ScheduleView;
  draft: RoutingDraft;
  isEditable: boolean;
}) {
  const { id, zone, shifts } = schedule;
  const [open, setOpen] = useState<string | null>(null);
  const [now, next] = shifts;
  const days = calendarOf(schedule, DAYS);
  const day = days.find(({ date }) => date === open);
  return (
    <div className={`panel section ${css.calendar}`}>
      <h3>
        {id} <span className="muted">{zoneName(zone)}</span>
      </h3>
      {now === undefined ? null : (
        <p className={now.people.length === 0 && now.why !== 'off hours' ? 'ink-warning' : undefined}>
          {next === undefined
            ? say('routing.onCall.stays', { who: whoOf(now) })
            : say('routing.onCall.now', {
                ...{ who: whoOf(now), next: whoOf(next) },
                when: local(Date.parse(now.to), zone),
              })}
        </p>
      )}
      <ol className={css.days}>
        {days.map(({ date, shifts, clockSet }) => (
          <li key={date}>
            <button
              type="button"
              disabled={!isEditable}
              aria-pressed={open === date}
              onClick={() => setOpen(open === date ? null : date)}
            >
              <span className={css.date}>{dateText(date)}</span>
              {shifts.map((shift, i) => (
                <span
                  key={shift.from}
                  data-why={shift.people.length === 0 && shift.why !== 'off hours' ? 'nobody' : shift.why}
                >
                  {i === 0 ? null : <span className="figure muted">{timeText(shift.from, zone)} </span>}
                  {whoOf(shift)}
                </span>
              ))}
              {clockSet === 0 ? null : (
                <span className="muted">
                  {say(clockSet > 0 ? 'routing.onCall.forward' : 'routing.onCall.back', {
                    minutes: Math.abs(clockSet),
                  })}
                </span>
              )}
            </button>
          </li>
        ))}
      </ol>
      {day === undefined ? null : (
        <OnCallDay key={day.date} schedule={schedule} day={day} draft={draft} onDone={() => setOpen(null)} />
      )}
    </div>
  );
}

function timeText(at: number, zone: string): string {
  return new Intl.DateTimeFormat('en-GB', { timeStyle: 'short', timeZone: zone }).format(at);
}

function whoOf({ people, why }: Pick<CalendarShift, 'people' | 'why'>): string {
  if (people.length === 0) return why === 'off hours' ? say('routing.nobody.offHours') : say('routing.nobody');
  const names = people.join(', ');
  if (why === 'instead') return say('routing.who.instead', { names });
  return why === 'holiday' ? say('routing.who.holiday', { names }) : names;
}
