import { Button, NativeSelect } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { CaseView } from '../../../api/case.ts';
import { TimeField } from '../parts/TimeField.tsx';
import { useZone } from '../parts/Zone.tsx';
import { say } from '../text/say.ts';
import { fromText, toText } from '../words/when.ts';
import css from './case.module.css';
import { StepForm, type StepWish } from './StepForm.tsx';

const STEPS = ['exclude', 'declare broken', 'override'] as const;
type Kind = (typeof STEPS)[number];

/** Loggers that told what the goods of the case went through. */
export function loggersOf({ groups, evidence }: CaseView): readonly string[] {
  return [...new Set([...groups.flatMap(({ devices }) => devices), ...evidence.devices.map(({ id }) => id)])].sort();
}

/** What can be said of the evidence beside excusing an alert, one click each. */
export function EvidenceSteps({ one }: { one: CaseView }) {
  const [kind, setKind] = useState<Kind | null>(null);
  const loggers = loggersOf(one);
  if (loggers.length === 0) return null;
  if (kind !== null)
    return <EvidenceStep key={kind} one={one} kind={kind} loggers={loggers} onDone={() => setKind(null)} />;
  return (
    <div className={`buttons ${css.under}`}>
      {STEPS.map((step) => (
        <Button key={step} variant="default" size="compact-sm" onClick={() => setKind(step)}>
          {say(`case.step.do.${step}`)}
        </Button>
      ))}
    </div>
  );
}

function EvidenceStep({
  one,
  kind,
  loggers,
  onDone,
}: {
  one: CaseView;
  kind: Kind;
  loggers: readonly string[];
  onDone: () => void;
}) {
  const zone = useZone();
  const [device, setDevice] = useState(one.evidence.devices[0]?.id ?? loggers[0] ?? '');
  const others = loggers.filter((id) => id !== device);
  const [instead, setInstead] = useState('');
  const [from, setFrom] = useState(() => spanOf(one, device, 'from', zone));
  const [to, setTo] = useState(() => (kind === 'declare broken' ? '' : spanOf(one, device, 'to', zone)));
  const [isGood, setGood] = useState(false);
  const [fromMs, toMs] = [fromText(from, zone), fromText(to, zone)];
  const isOpenEnded = kind === 'declare broken' && to.trim() === '';
  const isWhole = device !== '' && fromMs !== null && (isOpenEnded || (toMs !== null && fromMs < toMs));
  const wish = isWhole
    ? wishOf(kind, { device, from: fromMs, to: toMs, instead: instead === '' ? null : instead, isGood })
    : null;
  return (
    <StepForm one={one} wish={wish} title={say(`case.step.meaning.${kind}`, { device })} onDone={onDone}>
      <h3>{say(`case.step.do.${kind}`)}</h3>
      <p className="muted">{say(`case.step.hint.${kind}`)}</p>
      <Two>
        <NativeSelect
          label={say('case.step.device')}
          value={device}
          data={[...loggers]}
          onChange={(event) => setDevice(event.currentTarget.value)}
        />
        {kind === 'declare broken' ? (
          <NativeSelect
            label={say('case.step.instead')}
            value={instead}
            data={[
              { value: '', label: say('case.step.instead.none') },
              ...others.map((id) => ({ value: id, label: id })),
            ]}
            onChange={(event) => setInstead(event.currentTarget.value)}
          />
        ) : null}
        {kind === 'override' ? (
          <NativeSelect
            label={say('case.step.override.as')}
            value={isGood ? 'good' : 'bad'}
            data={[
              { value: 'bad', label: say('case.step.override.bad') },
              { value: 'good', label: say('case.step.override.good') },
            ]}
            onChange={(event) => setGood(event.currentTarget.value === 'good')}
          />
        ) : null}
      </Two>
      <Two>
        <TimeField label={say('case.step.from')} value={from} zone={zone} onChange={setFrom} />
        <TimeField
          label={say(kind === 'declare broken' ? 'case.step.to.optional' : 'case.step.to')}
          value={to}
          zone={zone}
          isOptional={kind === 'declare broken'}
          onChange={setTo}
        />
      </Two>
      {fromMs !== null && toMs !== null && fromMs >= toMs ? (
        <p className="trouble">{say('case.step.span.bad')}</p>
      ) : null}
    </StepForm>
  );
}

function Two({ children }: { children: ReactNode }) {
  return <div className={css.two}>{children}</div>;
}

/** What the form begins with: from before its first alert to after the last, to be made shorter. */
function spanOf(one: CaseView, device: string, end: 'from' | 'to', zone: string): string {
  const { alerts } = one.evidence;
  const times = alerts.map((alert) => Date.parse(alert[end] ?? new Date().toISOString()));
  const of = one.groups.find(({ devices }) => devices.includes(device))?.exposure[end];
  const at =
    times.length > 0 ? (end === 'from' ? Math.min(...times) : Math.max(...times)) : Date.parse(of ?? one.openedAt);
  // To the minute, and never short of the end.
  return toText(end === 'from' ? at : at + 59_999, zone);
}

function wishOf(
  kind: Kind,
  {
    device,
    from,
    to,
    instead,
    isGood,
  }: {
    readonly device: string;
    readonly from: number;
    readonly to: number | null;
    readonly instead: string | null;
    readonly isGood: boolean;
  },
): StepWish {
  const start = new Date(from).toISOString();
  const end = to === null ? null : new Date(to).toISOString();
  if (kind === 'declare broken') return { step: { step: kind, device, from: start, to: end, instead } };
  if (kind === 'override') return { step: { step: kind, device, from: start, to: end ?? start, isGood } };
  return { step: { step: kind, device, from: start, to: end ?? start } };
}
