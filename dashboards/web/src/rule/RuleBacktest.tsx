import { Button, Progress } from '@mantine/core';
import { IconHistory, IconPlayerStop } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import type { BacktestFinding, BacktestProgressView, BacktestResult } from '../../../api/index.ts';
import { TimeField } from '../parts/TimeField.tsx';
import { When } from '../parts/When.tsx';
import { useZone } from '../parts/Zone.tsx';
import { say } from '../text/say.ts';
import { count } from '../words/figures.ts';
import { findingWords } from '../words/rule.ts';
import { fromText, toText } from '../words/when.ts';
import css from './rule.module.css';
import { useBacktest } from './rule-queries.ts';

const DAY_MS = 86_400_000;

/** A month says more of a rule than a week: a delivery a week is four of them. */
const USUAL_DAYS = 30;

/**
 * What the rule, as it is written now, would have found in the past, beside what the one in force finds there.
 * @param isTriedAtOnce whoever opened the page came for just that
 * @param asked how often it was asked for from elsewhere on the page
 * @param onTried with the text that was tried to its end
 */
export function RuleBacktest({
  text,
  isTriedAtOnce = false,
  asked,
  onTried,
}: {
  text: string;
  isTriedAtOnce?: boolean;
  asked: number;
  onTried: (text: string) => void;
}) {
  const zone = useZone();
  const [from, setFrom] = useState(() => toText(Date.now() - USUAL_DAYS * DAY_MS, zone));
  const [to, setTo] = useState(() => toText(Date.now(), zone));
  const { state, start, stop } = useBacktest();
  const [tried, setTried] = useState('');
  const [fromMs, toMs] = [fromText(from, zone), fromText(to, zone)];
  const obstacle =
    text.trim() === ''
      ? say('rule.thereIsNoRuleTo')
      : fromMs !== null && toMs !== null && fromMs >= toMs
        ? say('rule.theEndMustBeAfter')
        : null;
  const leave = useRef(stop);
  const begin = useRef(() => {});
  useEffect(() => {
    begin.current = () => {
      if (fromMs === null || toMs === null || obstacle !== null) return;
      setTried(text);
      start(text, fromMs, toMs);
    };
  });
  useEffect(() => {
    if (isTriedAtOnce) begin.current();
  }, [isTriedAtOnce]);
  useEffect(() => {
    if (asked > 0) begin.current();
  }, [asked]);
  const tell = useRef(onTried);
  useEffect(() => {
    tell.current = onTried;
  });
  useEffect(() => {
    if (state.at === 'done') tell.current(tried);
  }, [state.at, tried]);
  useEffect(() => () => leave.current(), []);
  return (
    <section className="panel section" aria-labelledby="backtest">
      <h2 id="backtest">{say('rule.tryItOnThePast')}</h2>
      <form
        className={css.ruleTimes}
        onSubmit={(event) => {
          event.preventDefault();
          begin.current();
        }}
      >
        <TimeField label={say('rule.from')} value={from} zone={zone} onChange={setFrom} />
        <TimeField label={say('rule.to')} value={to} zone={zone} onChange={setTo} />
        {state.at === 'running' ? (
          <Button variant="default" leftSection={<IconPlayerStop size={17} stroke={1.6} />} onClick={stop}>
            {say('rule.stop')}
          </Button>
        ) : (
          <Button
            type="submit"
            variant="default"
            disabled={fromMs === null || toMs === null || obstacle !== null}
            leftSection={<IconHistory size={17} stroke={1.6} />}
          >
            {say('rule.tryIt')}
          </Button>
        )}
      </form>
      {obstacle === null ? null : <p className="trouble">{obstacle}</p>}
      {state.at === 'idle' ? <p className="muted">{say('rule.everyReadingOfThatTime')}</p> : null}
      {state.at === 'running' ? <Running progress={state.progress} /> : null}
      {state.at === 'failed' ? (
        <p className="trouble" role="alert">
          {state.error.message}
        </p>
      ) : null}
      {state.at === 'done' && tried !== text ? (
        <p className={css.ruleWarning}>{say('rule.theRuleHasBeenChanged')}</p>
      ) : null}
      {state.at === 'done' ? <Result result={state.result} /> : null}
    </section>
  );
}

function Running({ progress }: { progress: BacktestProgressView | null }) {
  const parts = progress === null ? [] : [{ all: progress.keys, judged: progress.judged }, ...(progress.beside ?? [])];
  const all = parts.reduce((sum, part) => sum + part.all, 0);
  const share = all === 0 ? 0 : (100 * parts.reduce((sum, { judged }) => sum + judged, 0)) / all;
  return (
    <div role="status" className={css.ruleProgress}>
      <Progress value={share} aria-label={say('rule.howMuchHasBeenJudged')} />
      <p className="muted figure">
        {progress === null
          ? say('rule.starting')
          : say('rule.ofSeriesReadingsFound', {
              judged: count(progress.judged),
              keys: count(progress.keys),
              readings: count(progress.readings),
              findings: count(progress.findings),
            })}
        {progress?.beside?.map(({ what, all: most, judged }) => (
          <span key={what}>, {say('rule.besideSoFar', { what, all: count(most), judged: count(judged) })}</span>
        ))}
      </p>
    </div>
  );
}

function Result({ result }: { result: BacktestResult }) {
  const { opened, closed, kept, changed } = result.comparison;
  const hasInForce = result.rules.some(({ inForce }) => inForce !== null);
  const { findings, serials, inForce } = result;
  return (
    <div className={css.rulePreview} role="status">
      {result.warnings.map((warning) => (
        <p key={warning} className={css.ruleWarning}>
          {warning}
        </p>
      ))}
      <h3>
        {say('rule.foundIn', {
          detail:
            result.findings.length === 0
              ? say('rule.nothingFound')
              : say('rule.found', { findings: count(result.findings.length) }),
          parts: lookedAt(result),
        })}
      </h3>
      {hasInForce ? (
        <dl className={`rule-counts ${css.ruleCounts}`}>
          <Count name={say('rule.new')} tone="excursion" n={opened.length} />
          <Count name={say('rule.gone')} tone="inRange" n={closed.length} />
          <Count name={say('rule.different')} tone="warning" n={changed.length} />
          <Count name={say('rule.theSame')} tone="unknown" n={kept.length} />
        </dl>
      ) : null}
      <p role="note">
        {say('rule.wouldHave', { alerts: findings.length, serials: serials ?? 'none' })}
        {hasInForce
          ? ` ${say('rule.inForceHas', { alerts: inForce.findings, serials: inForce.serials ?? 'none' })}`
          : null}
      </p>
      {hasInForce ? <p className="muted">{say('rule.comparedWithTheVersionIn')}</p> : null}
      <Found name={say('rule.new2')} findings={hasInForce ? opened : result.findings} />
      <Found name={say('rule.gone2')} findings={closed} />
      <Found name={say('rule.differentAsFoundNow')} findings={changed.flatMap(({ after }) => after)} />
      <Found name={say('rule.differentAsFoundInForce')} findings={changed.flatMap(({ before }) => before)} />
    </div>
  );
}

/** Readings, shipments and passes, as far as the rule asks for them. */
function lookedAt({ readings, keys, beside = [] }: BacktestResult): string {
  const told = beside.map(({ what, all }) => say('rule.beside', { what, all }));
  if (keys > 0 || told.length === 0) {
    told.unshift(say('rule.readingsOfSeries', { readings: count(readings), keys: count(keys) }));
  }
  return told.reduce((one, other) => say('rule.and', { one, other }));
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
      {findings.length > MOST_SHOWN ? (
        <p className="muted">{say('rule.andMore', { count: count(findings.length - MOST_SHOWN) })}</p>
      ) : null}
    </details>
  );
}
