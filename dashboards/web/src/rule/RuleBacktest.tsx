import { Button, Progress } from '@mantine/core';
import { IconHistory, IconPlayerStop } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import type { BacktestFinding, BacktestProgressView, BacktestResult } from '../../../api/index.ts';
import { TimeField } from '../parts/TimeField.tsx';
import { When } from '../parts/When.tsx';
import { useZone } from '../parts/Zone.tsx';
import { count } from '../words/figures.ts';
import { findingWords } from '../words/rule.ts';
import { fromText, toText } from '../words/when.ts';
import css from './rule.module.css';
import { useBacktest } from './rule-queries.ts';

const DAY_MS = 86_400_000;

/** What the rule, as it is written now, would have found in the past, beside what the one in force finds there. */
export function RuleBacktest({ text }: { text: string }) {
  const zone = useZone();
  const [from, setFrom] = useState(() => toText(Date.now() - 7 * DAY_MS, zone));
  const [to, setTo] = useState(() => toText(Date.now(), zone));
  const { state, start, stop } = useBacktest();
  const [tried, setTried] = useState('');
  const leave = useRef(stop);
  useEffect(() => () => leave.current(), []);
  const [fromMs, toMs] = [fromText(from, zone), fromText(to, zone)];
  const obstacle =
    text.trim() === ''
      ? 'There is no rule to try.'
      : fromMs !== null && toMs !== null && fromMs >= toMs
        ? 'The end must be after the beginning.'
        : null;
  return (
    <section className="panel section" aria-labelledby="backtest">
      <h2 id="backtest">Try it on the past</h2>
      <form
        className={css.ruleTimes}
        onSubmit={(event) => {
          event.preventDefault();
          if (fromMs === null || toMs === null || obstacle !== null) return;
          setTried(text);
          start(text, fromMs, toMs);
        }}
      >
        <TimeField label="From" value={from} zone={zone} onChange={setFrom} />
        <TimeField label="To" value={to} zone={zone} onChange={setTo} />
        {state.at === 'running' ? (
          <Button variant="default" leftSection={<IconPlayerStop size={17} stroke={1.6} />} onClick={stop}>
            Stop
          </Button>
        ) : (
          <Button
            type="submit"
            variant="default"
            disabled={fromMs === null || toMs === null || obstacle !== null}
            leftSection={<IconHistory size={17} stroke={1.6} />}
          >
            Try it
          </Button>
        )}
      </form>
      {obstacle === null ? null : <p className="trouble">{obstacle}</p>}
      {state.at === 'idle' ? (
        <p className="muted">
          Every reading of that time is judged by the rule as it is written above. Nobody is alerted.
        </p>
      ) : null}
      {state.at === 'running' ? <Running progress={state.progress} /> : null}
      {state.at === 'failed' ? (
        <p className="trouble" role="alert">
          {state.error.message}
        </p>
      ) : null}
      {state.at === 'done' && tried !== text ? (
        <p className={css.ruleWarning}>The rule has been changed since this was tried.</p>
      ) : null}
      {state.at === 'done' ? <Result result={state.result} /> : null}
    </section>
  );
}

function Running({ progress }: { progress: BacktestProgressView | null }) {
  const share = progress === null || progress.keys === 0 ? 0 : (100 * progress.judged) / progress.keys;
  return (
    <div role="status" className={css.ruleProgress}>
      <Progress value={share} aria-label="How much has been judged" />
      <p className="muted figure">
        {progress === null
          ? 'Starting'
          : `${count(progress.judged)} of ${count(progress.keys)} series, ${count(progress.readings)} readings, ${count(progress.findings)} found`}
      </p>
    </div>
  );
}

function Result({ result }: { result: BacktestResult }) {
  const { opened, closed, kept, changed } = result.comparison;
  const hasInForce = result.rules.some(({ inForce }) => inForce !== null);
  return (
    <div className={css.rulePreview} role="status">
      {result.warnings.map((warning) => (
        <p key={warning} className={css.ruleWarning}>
          {warning}
        </p>
      ))}
      <h3>
        {result.findings.length === 0 ? 'Nothing found' : `${count(result.findings.length)} found`} in{' '}
        {count(result.readings)} readings of {count(result.keys)} series.
      </h3>
      {hasInForce ? (
        <dl className={`rule-counts ${css.ruleCounts}`}>
          <Count name="new" tone="excursion" n={opened.length} />
          <Count name="gone" tone="inRange" n={closed.length} />
          <Count name="different" tone="warning" n={changed.length} />
          <Count name="the same" tone="unknown" n={kept.length} />
        </dl>
      ) : null}
      {hasInForce ? <p className="muted">Compared with the version in force.</p> : null}
      <Found name="New" findings={hasInForce ? opened : result.findings} />
      <Found name="Gone" findings={closed} />
      <Found name="Different, as found now" findings={changed.flatMap(({ after }) => after)} />
      <Found name="Different, as found in force" findings={changed.flatMap(({ before }) => before)} />
    </div>
  );
}

function Count({ name, tone, n }: { name: string; tone: string; n: number }) {
  return (
    <div>
      <dd className={`figure ink-${n === 0 ? 'unknown' : tone}`}>{count(n)}</dd>
      <dt>{name}</dt>
    </div>
  );
}

const MOST_SHOWN = 50;

function Found({ name, findings }: { name: string; findings: readonly BacktestFinding[] }) {
  if (findings.length === 0) return null;
  return (
    <details open={findings.length <= 8}>
      <summary>
        {name}: {count(findings.length)}
      </summary>
      <ul className={css.ruleFound}>
        {findings.slice(0, MOST_SHOWN).map((finding) => (
          <li key={`${finding.rule} ${finding.key} ${finding.from}`}>
            <span>{finding.key}</span>
            <span className="muted figure">
              <When at={finding.from} />, {findingWords(finding)}
            </span>
          </li>
        ))}
      </ul>
      {findings.length > MOST_SHOWN ? <p className="muted">and {count(findings.length - MOST_SHOWN)} more</p> : null}
    </details>
  );
}
