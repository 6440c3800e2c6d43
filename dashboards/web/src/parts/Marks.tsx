import { Tooltip } from '@mantine/core';
import type { AlertView, Condition, ConditionState } from '../../../api/index.ts';
import { language, say, type TextKey } from '../text/say.ts';
import { degrees } from '../words/figures.ts';
import { ago } from '../words/when.ts';

const CONDITION_KEYS = {
  inRange: 'parts.inRange',
  warning: 'parts.outOfLimits',
  excursion: 'parts.excursion',
  unknown: 'parts.notKnown',
} as const satisfies Readonly<Record<ConditionState, TextKey>>;

/** A state by the readings alone, in the language that is spoken. */
export function conditionWords(state: ConditionState): string {
  return say(CONDITION_KEYS[state]);
}

/**
 * The same with what somebody has yet to decide. A state by the readings alone says *out of limits*; one that waits for
 * a decision says what that is about: serials nobody expects are no temperature.
 */
export function conditionText({ state, now, pending, about }: Condition): string {
  if (pending === null) return conditionWords(state);
  const waiting = pendingWords(state, about);
  if (waiting === conditionWords(now)) return waiting;
  return state === now
    ? say('parts.alsoToBeDecided', { state: conditionWords(now), waiting: inSentence(waiting) })
    : say('parts.toBeDecidedNow', { state: waiting, toLowerCase: inSentence(conditionWords(now)) });
}

/** Within a sentence: German writes its nouns as before. */
function inSentence(words: string): string {
  return language() === 'de' ? words : words.toLowerCase();
}

/** What an alert is about that nobody has decided, by its kind. */
function pendingWords(state: ConditionState, about: Condition['about']): string {
  const { kind = 'threshold', metric = null } = about ?? {};
  switch (kind) {
    case 'threshold':
      if (metric === 'door') return say('parts.about.door');
      return metric === null || metric === 'temperature'
        ? conditionWords(state)
        : say('parts.about.beyond', { metric: metric.charAt(0).toUpperCase() + metric.slice(1) });
    case 'unexpected':
      return say('parts.about.unexpected');
    case 'blocked':
      return say('parts.about.blocked');
    case 'silence':
      return say('parts.about.silence');
    case 'mkt':
      return say('parts.about.mkt');
    case 'rate':
      return say('parts.about.rate');
    case 'shock':
      return say('parts.about.shock');
    case 'interval':
      return say('parts.about.interval');
    case 'freezeThaw':
      return say('parts.about.freezeThaw');
    case 'forecast':
      return say('parts.about.forecast');
    case 'budget':
    case 'cumulative':
    case 'goodsMkt':
    case 'tamper':
    case 'goodsFreezeThaw':
    case 'budgetForecast':
      return say(`parts.about.${kind}`);
    default: {
      // A kind that a newer server knows has no words yet.
      const over: Readonly<Record<string, TextKey>> = OTHER_ABOUTS;
      return say(over[kind] ?? 'parts.about.other');
    }
  }
}

const OTHER_ABOUTS = {
  recall: 'parts.about.recall',
  case: 'parts.about.case',
  difference: 'parts.about.difference',
  stopped: 'parts.about.stopped',
  hold: 'parts.about.hold',
  shortage: 'parts.about.shortage',
  noData: 'parts.about.noData',
  wrongDirection: 'parts.about.wrongDirection',
  wrongPortal: 'parts.about.wrongPortal',
  expired: 'parts.about.expired',
  clone: 'parts.about.clone',
  dwell: 'parts.about.dwell',
  crossRead: 'parts.about.crossRead',
  diversion: 'parts.about.diversion',
  badData: 'parts.about.badData',
  surge: 'parts.about.surge',
  weakReads: 'parts.about.weakReads',
} as const;

/** One shape a meaning: circle, triangle, octagon, broken ring. */
export function ConditionMark({
  state,
  size = 16,
  label,
}: {
  state: ConditionState;
  size?: number;
  label?: string | null;
}) {
  const said = label === undefined ? conditionWords(state) : label;
  const frame = { className: `mark mark-${state}`, width: size, height: size, viewBox: '0 0 16 16' };
  if (said === null) {
    return (
      <svg {...frame} aria-hidden="true">
        {SHAPES[state]}
      </svg>
    );
  }
  return (
    <svg {...frame} role="img" aria-label={said}>
      {SHAPES[state]}
    </svg>
  );
}

const SHAPES: Readonly<Record<ConditionState, React.ReactNode>> = {
  inRange: (
    <>
      <circle className="mark-body" cx="8" cy="8" r="6.5" />
      <path className="mark-sign" d="M5 8.2l2.1 2.1L11.1 6" />
    </>
  ),
  warning: (
    <>
      <path className="mark-body" d="M8 1.6 15 14H1z" strokeLinejoin="round" />
      <path className="mark-sign" d="M8 6.2v3.6M8 11.9v.1" />
    </>
  ),
  excursion: (
    <>
      <path className="mark-body" d="M5 1h6l4 4v6l-4 4H5l-4-4V5z" strokeLinejoin="round" />
      <path className="mark-sign" d="M8 4.2v5M8 11.6v.1" />
    </>
  ),
  unknown: (
    <>
      <circle className="mark-ring" cx="8" cy="8" r="6.2" strokeDasharray="2.4 2" />
      <path className="mark-query" d="M6.3 6.4c.2-1.9 3.5-1.8 3.4.1 0 1.2-1.7 1.2-1.7 2.5M8 11.2v.1" />
    </>
  ),
};

const SEVERITY_SHAPE: Readonly<Record<AlertView['severity'], ConditionState>> = {
  critical: 'excursion',
  warning: 'warning',
  info: 'unknown',
};

/** An alert's severity in the same shapes; a settled alert is hollow. */
export function SeverityMark({ alert, size = 20 }: { alert: Pick<AlertView, 'severity' | 'state'>; size?: number }) {
  const isSettled = alert.state === 'resolved' || alert.state === 'retracted';
  return (
    <span className={isSettled ? 'settled' : undefined}>
      <ConditionMark
        state={SEVERITY_SHAPE[alert.severity]}
        size={size}
        label={
          alert.severity === 'info'
            ? say('parts.forInformation')
            : alert.severity === 'critical'
              ? say('parts.critical')
              : say('parts.warning')
        }
      />
    </span>
  );
}

/** A unit's latest temperature, with its mark; says when on hover. */
export function Temperature({ condition, now, large = false }: { condition: Condition; now: number; large?: boolean }) {
  const { state, temperature, received, at, device } = condition;
  const heard = at === null ? say('parts.noReadingYet') : `${device ?? ''} ${ago(Date.parse(at), now)}`.trim();
  const corrected = received === undefined ? [] : [say('parts.corrected.from', { received: degrees(received) })];
  return (
    <Tooltip label={[conditionText(condition), heard, ...corrected].join(' · ')} openDelay={300}>
      <span className={`temperature ink-${state} ${large ? 'temperature-large' : ''}`}>
        <ConditionMark state={state} size={large ? 20 : 15} />
        <span className="figure">{temperature === null ? '–' : degrees(temperature)}</span>
        {received === undefined ? null : <span className="muted">{say('parts.corrected')}</span>}
      </span>
    </Tooltip>
  );
}
