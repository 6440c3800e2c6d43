import { Button } from '@mantine/core';
import { useRef, useState } from 'react';
import type { CaseView } from '../../../api/case.ts';
import { Trouble } from '../parts/States.tsx';
import { WhenExact } from '../parts/When.tsx';
import { useMay, useSession } from '../sign-in/session-queries.ts';
import { Say } from '../text/Say.tsx';
import { say } from '../text/say.ts';
import { counted } from '../words/figures.ts';
import css from './case.module.css';
import { type CaseDecision, useCountersign } from './case-queries.ts';
import { decidedText, dispositionText, meaningOf } from './case-words.ts';
import { SignFields, useSignState } from './SignFields.tsx';

/** What was decided and by whom it was signed, the latest first; the second person signs here. */
export function CaseDecisions({ one }: { one: CaseView }) {
  return (
    <section className="panel section" aria-labelledby="decisions">
      <h2 id="decisions">{say('case.decisions')}</h2>
      {one.decisions.length === 0 ? (
        <p className="muted">{say('case.decisions.none')}</p>
      ) : (
        <ol className={css.entries}>
          {one.decisions
            .toSorted((a, b) => b.number - a.number)
            .map((decision) => (
              <li key={decision.number} className={css.entry}>
                <Decision one={one} decision={decision} />
              </li>
            ))}
        </ol>
      )}
    </section>
  );
}

function Decision({ one, decision }: { one: CaseView; decision: CaseDecision }) {
  const { number, disposition, serials, scope, reason, revision, signatures, supersededBy } = decision;
  const group = one.groups.find(({ id }) => id === scope.group)?.name ?? scope.group;
  return (
    <>
      <b>
        {decision.needsSecond
          ? say('case.decision.pending', {
              number,
              disposition: dispositionText(disposition).toLowerCase(),
              serials: counted(serials, 'serial'),
            })
          : say('case.decision', { number, serials: counted(serials, 'serial'), decided: decidedText(disposition) })}
      </b>
      <div className="muted">
        {[
          scope.group === null ? null : say('case.decision.scope.group', { group: group ?? '' }),
          scope.lot === null ? null : say('case.decision.scope.lot', { lot: scope.lot }),
          say('case.decision.revision', { revision }),
        ]
          .filter((text) => text !== null)
          .join(' · ')}
        {decision.inForceSince === null ? null : (
          <>
            {' · '}
            <Say text="case.decision.inForce" values={{ time: <WhenExact at={decision.inForceSince} /> }} />
          </>
        )}
      </div>
      <p>{reason}</p>
      {supersededBy === null ? null : (
        <p className="muted">{say('case.decision.superseded', { number: supersededBy })}</p>
      )}
      <ul className={css.signatures}>
        {signatures.map((signature) => (
          <li key={signature.at + signature.by}>
            <Say
              text="case.signature"
              values={{
                name: <b>{signature.name}</b>,
                role: signature.role,
                time: <WhenExact at={signature.at} />,
              }}
            />
            <div className="muted">
              {say('case.signature.meaning', { meaning: signature.meaning })},{' '}
              {say(`case.signature.method.${signature.method}`)}
            </div>
          </li>
        ))}
        <li className="muted" title={`${signatures[0]?.recordHash ?? ''} ${decision.serialsHash}`}>
          {say('case.decision.hash', {
            hash: (signatures[0]?.recordHash ?? '').slice(0, 12),
            serials: decision.serialsHash.slice(0, 12),
          })}
        </li>
      </ul>
      {decision.needsSecond ? <Second one={one} decision={decision} /> : null}
    </>
  );
}

/** For the second person; who has signed already is told to find somebody else. */
function Second({ one, decision }: { one: CaseView; decision: CaseDecision }) {
  const { data: session } = useSession();
  const mayDecide = useMay('case.decide');
  const [isAsking, setAsking] = useState(false);
  const isOwn = decision.signatures.some(({ by }) => by === session?.user.name);
  return (
    <div className={css.small}>
      <p>
        <b>{say('case.decision.waiting')}</b> {isOwn ? say('case.decision.second.own') : null}
      </p>
      {isOwn || !mayDecide || isAsking ? null : (
        <Button onClick={() => setAsking(true)}>{say('case.decision.second')}</Button>
      )}
      {isAsking ? <SecondForm one={one} decision={decision} onDone={() => setAsking(false)} /> : null}
    </div>
  );
}

function SecondForm({ one, decision, onDone }: { one: CaseView; decision: CaseDecision; onDone: () => void }) {
  const countersign = useCountersign(one.id, decision.number);
  const sign = useSignState(one.signing);
  const isUnderWay = useRef(false);
  const meaning = meaningOf(decision.disposition, true);
  return (
    <form
      className={css.small}
      aria-label={say('case.decision.second')}
      onSubmit={(event) => {
        event.preventDefault();
        if (isUnderWay.current || sign.signing === null) return;
        isUnderWay.current = true;
        countersign.mutate(
          { meaning, signing: sign.signing },
          {
            onSuccess: onDone,
            onError: sign.refused,
            onSettled: () => {
              isUnderWay.current = false;
            },
          },
        );
      }}
    >
      <SignFields state={sign} how={one.signing} meanings={[meaning]} />
      <Trouble error={countersign.error} />
      <div className="buttons">
        <Button type="submit" loading={countersign.isPending} disabled={sign.signing === null}>
          {say('case.sign')}
        </Button>
        <Button variant="subtle" color="gray" onClick={onDone}>
          {say('case.decide.cancel')}
        </Button>
      </div>
    </form>
  );
}
