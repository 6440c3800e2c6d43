import { Button } from '@mantine/core';
import { IconFileTypePdf, IconGavel, IconPrinter, IconSignature } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link, useParams, useSearchParams } from 'react-router';
import type { CaseGroupView, CaseView } from '../../../api/case.ts';
import { useNow } from '../live/useNow.ts';
import { ReportButton } from '../parts/ReportButton.tsx';
import { ReportForms } from '../parts/ReportForms.tsx';
import { reportAddress } from '../parts/report-address.ts';
import { Failed, Loading } from '../parts/States.tsx';
import { useTitle } from '../parts/useTitle.ts';
import { When, WhenExact } from '../parts/When.tsx';
import { useZone } from '../parts/Zone.tsx';
import { CaseDamages } from '../portal/PassDamages.tsx';
import { useMay } from '../sign-in/session-queries.ts';
import { Say } from '../text/Say.tsx';
import { say } from '../text/say.ts';
import { count } from '../words/figures.ts';
import { saidText } from '../words/said.ts';
import { CaseAssignee } from './CaseAssignee.tsx';
import { CaseClocks } from './CaseClocks.tsx';
import { CaseDecisions } from './CaseDecisions.tsx';
import { CaseEvidence } from './CaseEvidence.tsx';
import { CaseGroups } from './CaseGroups.tsx';
import { CaseSteps } from './CaseSteps.tsx';
import { CaseTalk } from './CaseTalk.tsx';
import { CaseTraces } from './CaseTraces.tsx';
import { CloseCase } from './CloseCase.tsx';
import css from './case.module.css';
import { useCase } from './case-queries.ts';
import { stateText } from './case-words.ts';
import { DecideAsProposed, DecideOtherwise } from './DecideForm.tsx';
import { MentionsSeen } from './Mentions.tsx';

/** What is proposed, on what it rests, and what was decided: three clicks where the proposal is right. */
export function CasePage() {
  const { id = '' } = useParams();
  const now = useNow();
  const { data: one, error, isPending, refetch } = useCase(id);
  useTitle(one === undefined ? null : `${one.id} ${one.title}`);
  if (isPending) return <Loading rows={5} height={90} />;
  if (one === undefined)
    return <Failed error={error ?? new Error('')} isScreen what={say('case.this')} onRetry={() => void refetch()} />;
  return (
    <article>
      <header>
        <p className="crumbs">
          <Link to="/cases">{say('case.title')}</Link>
          <span>{one.id}</span>
          <span className={`state ${css.state}`} data-state={one.state}>
            {stateText(one.state)}
          </span>
          <span className="muted">{say(`case.kind.${one.kind}`)}</span>
        </p>
        <h1 className={css.title}>{one.title}</h1>
        {one.follows === null ? null : (
          <p className="note">
            <Say
              text="case.follows"
              values={{ link: <Link to={`/cases/${encodeURIComponent(one.follows)}`}>{one.follows}</Link> }}
            />
          </p>
        )}
        <Papers one={one} />
      </header>
      <MentionsSeen id={one.id} />
      <Changed one={one} />
      <Proposal one={one} />
      <Facts one={one} />
      <CaseGroups one={one} />
      <div className="columns">
        <CaseDecisions one={one} />
        <CaseClocks one={one} now={now} />
      </div>
      <CaseTraces one={one} now={now} />
      <CaseEvidence one={one} />
      <CaseDamages id={one.id} />
      <CaseSteps one={one} />
      <CaseTalk one={one} />
      <CloseCase one={one} />
    </article>
  );
}

/** What is different from what was signed; the decisions themselves stay as they are. */
function Changed({ one }: { one: CaseView }) {
  const zone = useZone();
  const changed = one.decisions.filter(({ evidenceChanged }) => evidenceChanged.length > 0);
  // What a decision says of itself, with what is known now, is not said a second time as of when it was found.
  const changes = one.evidence.changes.filter(({ decision }) => !changed.some(({ number }) => number === decision));
  if (changed.length === 0 && changes.length === 0) return null;
  const foundAt = (number: number) => one.evidence.changes.findLast(({ decision }) => decision === number)?.at ?? null;
  return (
    <section className={`panel ${css.changed}`} aria-labelledby="changed">
      <h2 id="changed">{say('case.changed')}</h2>
      <ul className={css.reasons}>
        {changed.flatMap(({ number, evidenceChanged }) =>
          evidenceChanged.map((text) => (
            <li key={`${number} ${text}`}>
              <b>{say('case.changed.of', { number })}</b> {saidText(text, zone)} <FoundAt at={foundAt(number)} />
            </li>
          )),
        )}
        {changes.map(({ at, text }) => (
          <li key={`${at} ${text}`}>
            <WhenExact at={at} /> {saidText(text, zone)}
          </li>
        ))}
      </ul>
      <p className="muted">{say('case.changed.hint')}</p>
    </section>
  );
}

function FoundAt({ at }: { at: string | null }) {
  return at === null ? null : (
    <span className="muted">
      <Say text="case.changed.found" values={{ time: <WhenExact at={at} /> }} />
    </span>
  );
}

/** What is open stands in the address, so that going back closes it instead of leaving the page. */
function Proposal({ one }: { one: CaseView }) {
  const mayDecide = useMay('case.decide');
  const [search, setSearch] = useSearchParams();
  const asked = search.get('decide');
  const close = () => setSearch({}, { replace: true });
  const { proposal } = one;
  const toDecide = sumOf(one.groups, ({ toDecide }) => toDecide);
  const waiting = sumOf(one.groups, (group) => group.waiting);
  const changed = sumOf(one.groups, (group) => group.changed);
  if (toDecide === 0 && asked === null && proposal === null) return null;
  return (
    <section className={`panel ${css.proposal}`} aria-labelledby="proposal">
      <h2 id="proposal">{say('case.proposal')}</h2>
      <p>{proposal?.text ?? say('case.proposal.none')}</p>
      {proposal === null ? null : (
        <div className="muted">
          {proposal.isCertain ? null : <>{say('case.proposal.uncertain')} </>}
          <Say text="case.proposal.at" values={{ time: <When at={proposal.at} /> }} />
        </div>
      )}
      {changed === 0 ? null : <p>{say('case.proposal.anew', { serials: changed })}</p>}
      {waiting === 0 ? null : <p>{say('case.proposal.waiting', { serials: waiting })}</p>}
      {mayDecide && asked === null && one.state !== 'closed' ? (
        <div className="actions buttons">
          {toDecide > 0 && proposal !== null ? (
            <Button leftSection={<IconSignature size={18} />} onClick={() => setSearch({ decide: 'proposed' })}>
              {say('case.decide')}
            </Button>
          ) : null}
          <Button
            variant="default"
            leftSection={<IconGavel size={17} stroke={1.6} />}
            onClick={() => setSearch({ decide: 'otherwise' })}
          >
            {say('case.decide.otherwise')}
          </Button>
        </div>
      ) : null}
      {mayDecide && asked === 'proposed' ? <DecideAsProposed shown={one} onDone={close} /> : null}
      {mayDecide && asked !== null && asked !== 'proposed' ? (
        <DecideOtherwise key={asked} shown={one} first={asked === 'otherwise' ? null : asked} onDone={close} />
      ) : null}
    </section>
  );
}

function sumOf(groups: CaseView['groups'], of: (group: CaseGroupView) => number): number {
  return groups.reduce((sum, group) => sum + of(group), 0);
}

/** What leaves the page. */
function Papers({ one }: { one: CaseView }) {
  const zone = useZone();
  return (
    <div className={`buttons ${css.under}`}>
      <ReportButton
        name={say('case.report')}
        address={reportAddress('cases', one.id, zone)}
        file={`${one.id}.pdf`}
        serials={one.serials.affected}
      />
      <ReportForms of="cases" id={one.id} />
      {one.kind === 'suspect product' ? (
        <Button
          component="a"
          variant="default"
          size="compact-sm"
          leftSection={<IconFileTypePdf size={16} />}
          href={`/api/v1/cases/${encodeURIComponent(one.id)}/form-3911.pdf?zone=${encodeURIComponent(zone)}`}
          target="_blank"
        >
          {say('case.form3911')}
        </Button>
      ) : null}
      <Button
        variant="default"
        size="compact-sm"
        leftSection={<IconPrinter size={16} />}
        onClick={() => window.print()}
      >
        {say('case.print')}
      </Button>
    </div>
  );
}

function Facts({ one }: { one: CaseView }) {
  const { subject, openedAt, openedBy, closedAt, serials, valueClass } = one;
  return (
    <dl className="panel facts">
      {subject.shipment === null ? null : (
        <Fact name={say('case.shipment')}>
          <Link to={`/shipments/${encodeURIComponent(subject.shipment)}`}>{subject.shipment}</Link>
        </Fact>
      )}
      {subject.place === null ? null : <Fact name={say('case.place')}>{subject.place}</Fact>}
      <Fact name={say('case.serials')}>
        <b className="figure">{count(serials.affected)}</b>{' '}
        <span className="muted">
          {serials.undecided === 0
            ? say('case.undecided.none')
            : say('case.undecided', { undecided: count(serials.undecided), affected: count(serials.affected) })}
        </span>
      </Fact>
      <Fact name={say('case.opened')}>
        <WhenExact at={openedAt} />{' '}
        <span className="muted">
          {openedBy === null ? say('case.openedByAlert') : say('case.openedBy', { who: openedBy })}
        </span>
      </Fact>
      {closedAt === null ? null : (
        <Fact name={say('case.closed')}>
          <WhenExact at={closedAt} />
        </Fact>
      )}
      {valueClass === null ? null : (
        <Fact name={say('case.order.value')}>{say('case.value', { value: valueClass })}</Fact>
      )}
      <Fact name={say('case.assignee')}>
        <CaseAssignee one={one} />
      </Fact>
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
