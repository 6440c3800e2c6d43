import { Button } from '@mantine/core';
import { IconPlus, IconRuler2 } from '@tabler/icons-react';
import { Link, useNavigate } from 'react-router';
import type { RuleView } from '../../../api/index.ts';
import { useNow } from '../live/useNow.ts';
import { Failed, Loading, Nothing } from '../parts/States.tsx';
import { useTitle } from '../parts/useTitle.ts';
import { When } from '../parts/When.tsx';
import { useMay } from '../sign-in/session-queries.ts';
import { say } from '../text/say.ts';
import { SEVERITY_WORDS } from '../words/alert.ts';
import { appliesToOf, KIND_WORDS, kindText, latestOf, makerOf } from '../words/rule.ts';
import css from './rule.module.css';
import { useRules } from './rule-queries.ts';

/** Every rule: what it watches for, where, and who last changed it. */
export function Rules() {
  useTitle(say('rule.rules'));
  const now = useNow(60_000);
  const isMaker = useMay('rules.change');
  const { data: rules, error, isPending, refetch } = useRules();
  if (isPending) return <Loading rows={8} height={56} />;
  if (rules === undefined)
    return <Failed isScreen error={error} what={say('rule.rules')} onRetry={() => void refetch()} />;
  const inOrder = rules.toSorted((a, b) => Number(isRemoved(a)) - Number(isRemoved(b)) || (a.id < b.id ? -1 : 1));
  return (
    <>
      <div className="head">
        <h1>{say('rule.rules')}</h1>
        <span className="spring" />
        {isMaker ? (
          <Button component={Link} to="/rules/~new" leftSection={<IconPlus size={17} />}>
            {say('rule.newRule')}
          </Button>
        ) : null}
      </div>
      {inOrder.length === 0 ? (
        <Nothing title={say('rule.noRulesYet')} icon={<IconRuler2 size={32} stroke={1.4} />}>
          {say('rule.nothingIsWatchedUntilA')}
        </Nothing>
      ) : (
        <div className="panel scroll">
          <table className={`table ${css.rules}`}>
            <thead>
              <tr>
                <th scope="col">{say('rule.rule2')}</th>
                <th scope="col">{say('rule.raises')}</th>
                <th scope="col">{say('rule.appliesTo')}</th>
                <th scope="col" className="right">
                  {say('rule.version2')}
                </th>
                <th scope="col" className="right">
                  {say('rule.changed')}
                </th>
              </tr>
            </thead>
            <tbody>
              {inOrder.map((rule) => (
                <Row key={rule.id} rule={rule} now={now} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}

function Row({ rule, now }: { rule: RuleView; now: number }) {
  const navigate = useNavigate();
  const latest = latestOf(rule);
  const path = `/rules/${encodeURIComponent(rule.id)}`;
  const appliesTo = appliesToOf(latest);
  return (
    <tr className={isRemoved(rule) ? `row-link ${css.ruleGone}` : 'row-link'} onClick={() => void navigate(path)}>
      <td>
        <Link to={path} onClick={(event) => event.stopPropagation()}>
          {rule.id}
        </Link>
        <div className="muted">
          {latest?.text == null ? (KIND_WORDS[rule.kind] ?? rule.kind) : kindText(rule.kind, latest.text)}
        </div>
      </td>
      <td>
        {isRemoved(rule) ? (
          <span className="tag">{say('rule.removed')}</span>
        ) : (
          <span
            className={`ink-${rule.severity === 'critical' ? 'excursion' : rule.severity === 'warning' ? 'warning' : 'unknown'}`}
          >
            {SEVERITY_WORDS[rule.severity]}
          </span>
        )}
      </td>
      <td>{appliesTo === null ? <span className="muted">{say('rule.everything')}</span> : <code>{appliesTo}</code>}</td>
      <td className="right figure">{rule.version}</td>
      <td className="right muted">
        {latest?.at == null ? null : <When at={latest.at} now={now} />}
        {latest === undefined ? null : <div>{say('rule.by2', { latest: makerOf(latest) })}</div>}
      </td>
    </tr>
  );
}

function isRemoved(rule: RuleView): boolean {
  return latestOf(rule)?.isRemoved ?? false;
}
