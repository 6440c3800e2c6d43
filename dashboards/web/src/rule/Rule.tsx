import { useEffect, useState } from 'react';
import { Link, useParams, useSearchParams } from 'react-router';
import type { RuleView } from '../../../api/index.ts';
import { Failed, Loading } from '../parts/States.tsx';
import { useTitle } from '../parts/useTitle.ts';
import { WhenExact } from '../parts/When.tsx';
import { useMay } from '../sign-in/session-queries.ts';
import { Say } from '../text/Say.tsx';
import { say } from '../text/say.ts';
import { SEVERITY_WORDS } from '../words/alert.ts';
import { KIND_WORDS, kindText, latestOf, makerOf, NEW_RULE } from '../words/rule.ts';
import { RuleBacktest } from './RuleBacktest.tsx';
import { RuleEditor } from './RuleEditor.tsx';
import css from './rule.module.css';
import { useRule } from './rule-queries.ts';
import { useProposal } from './useProposal.ts';

/** One rule: what it says, what a change would do, what it would have found, and every version it had. */
export function RulePage() {
  const { id = '' } = useParams();
  const { data: rule, error, isPending, refetch } = useRule(id);
  useTitle(say('rule.rule', { id }));
  if (isPending) return <Loading rows={4} height={90} />;
  if (rule === undefined)
    return <Failed error={error} isScreen what={say('rule.thisRule')} onRetry={() => void refetch()} />;
  const latest = latestOf(rule);
  return (
    <article>
      <p className="crumbs">
        <Link to="/rules">{say('rule.rules')}</Link>
        <span className="muted">{KIND_WORDS[rule.kind] ?? rule.kind}</span>
        <span className="muted">{SEVERITY_WORDS[rule.severity]}</span>
        {latest?.isRemoved ? <span className="tag">{say('rule.removed')}</span> : null}
      </p>
      <h1>{rule.id}</h1>
      {latest?.text == null ? null : <p className={css.ruleText}>{kindText(rule.kind, latest.text)}</p>}
      {/* A new version starts the editor over. */}
      <Workbench
        key={rule.version}
        seen={rule.version}
        source={latest?.source ?? ''}
        isGone={latest?.isRemoved ?? false}
      />
      <Versions rule={rule} />
    </article>
  );
}

export function NewRulePage() {
  useTitle(say('rule.newRule'));
  return (
    <article>
      <p className="crumbs">
        <Link to="/rules">{say('rule.rules')}</Link>
      </p>
      <h1>{say('rule.newRule')}</h1>
      <Workbench seen={0} source={NEW_RULE} isGone={false} />
    </article>
  );
}

/** Whoever makes no rules reads them. */
function Workbench({ seen, source, isGone }: { seen: number; source: string; isGone: boolean }) {
  const isMaker = useMay('rules.change');
  const [text, setText] = useState(source);
  const [asked, setAsked] = useState(0);
  const [tried, setTried] = useState<string | null>(null);
  const [search] = useSearchParams();
  const proposal = useProposal(source, isMaker ? search.get('lasts') : null);
  useEffect(() => {
    if (proposal?.text !== undefined) setText(proposal.text);
  }, [proposal?.text]);
  if (!isMaker) {
    return (
      <section className="panel section" aria-labelledby="source">
        <h2 id="source">{say('rule.asItIsWritten')}</h2>
        <pre className={css.ruleSource}>{source}</pre>
      </section>
    );
  }
  return (
    <>
      {proposal === null ? null : (
        <p className="note" role="status">
          {proposal.text === undefined
            ? say('rule.proposal.byHand', { minutes: proposal.minutes })
            : say('rule.proposal', { minutes: proposal.minutes })}
        </p>
      )}
      <RuleEditor
        text={text}
        onText={setText}
        source={source}
        seen={seen}
        isGone={isGone}
        isTried={tried === text}
        onTry={() => setAsked((count) => count + 1)}
      />
      <RuleBacktest
        text={text}
        isTriedAtOnce={proposal?.text !== undefined && text === proposal.text}
        asked={asked}
        onTried={setTried}
      />
    </>
  );
}

function Versions({ rule }: { rule: RuleView }) {
  return (
    <section className="panel section" aria-labelledby="versions">
      <h2 id="versions">{say('rule.versions')}</h2>
      <ol className="history">
        {rule.versions.toReversed().map((version) => (
          <li key={version.version}>
            <div>
              <Say
                text="rule.by"
                values={{
                  b: <b>{say('rule.version', { version: version.version })}</b>,
                  detail: version.isRemoved ? say('rule.removedTheRule') : '',
                  version: makerOf(version),
                  span: (
                    <span className="muted">
                      {version.at === null ? null : <WhenExact at={version.at} />}
                      {version.effectiveFrom === null ? say('rule.appliesToEarlierReadingsToo') : null}
                    </span>
                  ),
                }}
              />
            </div>
            {version.isRemoved ? null : (
              <details>
                <summary className="muted">
                  {version.text === null ? say('rule.asItWasWritten') : kindText(rule.kind, version.text)}
                </summary>
                <pre className={css.ruleSource}>{version.source}</pre>
              </details>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}
