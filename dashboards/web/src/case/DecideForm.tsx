import { Button, NativeSelect, SegmentedControl, Textarea } from '@mantine/core';
import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import type { CaseGroupView, CaseView, Disposition } from '../../../api/case.ts';
import { AnswerError, ask, segment } from '../ask.ts';
import { Trouble } from '../parts/States.tsx';
import { say } from '../text/say.ts';
import { counted } from '../words/figures.ts';
import { ChangedSince } from './ChangedSince.tsx';
import css from './case.module.css';
import { type Scope, useDecide, type Wish } from './case-queries.ts';
import { DISPOSITIONS, dispositionText, groupText, linesOf, meaningOf } from './case-words.ts';
import { ReasonArea, SerialLines } from './fields.tsx';
import { SignFields, useSignState } from './SignFields.tsx';

interface FormProps {
  readonly shown: CaseView;
  readonly onDone: () => void;
}

/**
 * Every group of which something has to be decided, as proposed: what is undecided, and what was decided on other evidence
 * than is known now. The reasons are there to be read and changed, then signed once; what stands is not decided anew.
 */
export function DecideAsProposed({ shown, onDone }: FormProps) {
  // What is signed is what was seen when this was opened, whatever arrives meanwhile.
  const [seen, setSeen] = useState(shown);
  const open = seen.groups.filter(({ toDecide }) => toDecide > 0);
  const [reasons, setReasons] = useState<Readonly<Record<string, string>>>({});
  const reasonOf = (group: CaseGroupView) => reasons[group.id] ?? group.proposal.reasons.join(' ');
  const wishes = open.map((group) => ({
    scope: { group: group.id, ...(group.toDecide < group.serials && { toDecide: true as const }) },
    disposition: group.proposal.disposition,
    reason: reasonOf(group).trim(),
  }));
  return (
    <Signed
      shown={shown}
      seen={seen}
      title={say('case.decide.title')}
      wishes={wishes}
      onAgain={setSeen}
      onDone={onDone}
    >
      {open.length === 0 ? <p>{say('case.decide.nothing')}</p> : null}
      {open.map((group) => (
        <fieldset key={group.id}>
          <legend>
            {say('case.decide.what', {
              disposition: dispositionText(group.proposal.disposition),
              serials: counted(group.toDecide, 'serial'),
              name: group.name,
            })}
          </legend>
          <span className="muted">{groupText(group)}</span>
          {group.changed === 0 ? null : (
            <span>{say('case.decide.supersedes', { serials: counted(group.changed, 'serial') })}</span>
          )}
          <Textarea
            label={say('case.decide.reason.of', { name: group.name })}
            autosize
            minRows={2}
            required
            withAsterisk={false}
            maxLength={4_000}
            value={reasonOf(group)}
            onChange={(event) => {
              const { value } = event.currentTarget;
              setReasons((before) => ({ ...before, [group.id]: value }));
            }}
          />
          <span className="muted">{say(`case.effect.${group.proposal.disposition}`)}</span>
        </fieldset>
      ))}
    </Signed>
  );
}

type ScopeKind = 'group' | 'lot' | 'serials';
const SCOPES: readonly ScopeKind[] = ['group', 'lot', 'serials'];

/** A group, a lot or single serials, and whatever becomes of them. */
export function DecideOtherwise({ shown, onDone, first }: FormProps & { readonly first: string | null }) {
  const [seen, setSeen] = useState(shown);
  const [kind, setKind] = useState<ScopeKind>(seen.groups.length === 0 ? 'serials' : 'group');
  const [group, setGroup] = useState(first ?? seen.groups[0]?.id ?? '');
  const lots = [...new Set(seen.groups.map(({ lot }) => lot).filter((lot) => lot !== null))];
  const [lot, setLot] = useState(lots[0] ?? '');
  const [text, setText] = useState('');
  const [disposition, setDisposition] = useState<Disposition | null>(null);
  const [reason, setReason] = useState('');
  const serials = linesOf(text);
  const scope: Scope = kind === 'group' ? { group } : kind === 'lot' ? { lot } : { serials };
  const isWhole = kind === 'group' ? group !== '' : kind === 'lot' ? lot !== '' : serials.length > 0;
  const wishes: readonly Wish[] =
    disposition === null || !isWhole ? [] : [{ scope, disposition, reason: reason.trim() }];
  return (
    <Signed
      shown={shown}
      seen={seen}
      title={say('case.decide.title.otherwise')}
      wishes={wishes}
      onAgain={setSeen}
      onDone={onDone}
    >
      <SegmentedControl
        aria-label={say('case.decide.scope')}
        data={SCOPES.filter((one) => one !== 'lot' || lots.length > 0).map((one) => ({
          value: one,
          label: say(`case.decide.scope.${one}`),
        }))}
        value={kind}
        onChange={(value) => setKind(SCOPES.find((one) => one === value) ?? 'group')}
      />
      {kind === 'group' ? (
        <NativeSelect
          label={say('case.decide.scope.group')}
          value={group}
          data={seen.groups.map((one) => ({
            value: one.id,
            label: `${say('case.group', { name: one.name })} · ${counted(one.serials, 'serial')} · ${groupText(one)}`,
          }))}
          onChange={(event) => setGroup(event.currentTarget.value)}
        />
      ) : kind === 'lot' ? (
        <NativeSelect
          label={say('case.decide.scope.lot')}
          value={lot}
          data={lots}
          onChange={(event) => setLot(event.currentTarget.value)}
        />
      ) : (
        <SerialLines value={text} count={serials.length} onChange={setText} />
      )}
      <fieldset>
        <legend>{say('case.decide.disposition')}</legend>
        <div className="chips">
          {DISPOSITIONS.map((one) => (
            <button
              key={one}
              type="button"
              className="chip"
              aria-pressed={disposition === one}
              onClick={() => setDisposition(one)}
            >
              {dispositionText(one)}
            </button>
          ))}
        </div>
      </fieldset>
      {disposition === null ? null : <span className="muted">{say(`case.effect.${disposition}`)}</span>}
      <ReasonArea value={reason} onChange={setReason} />
    </Signed>
  );
}

interface SignedProps extends FormProps {
  /** As it was when the form was opened. */
  readonly seen: CaseView;
  readonly title: string;
  readonly wishes: readonly Wish[];
  /** With the case as it is now. */
  readonly onAgain: (now: CaseView) => void;
  readonly children: React.ReactNode;
}

/** The frame of both forms: signs each wish in turn, and stops where the case is another one than was seen. */
function Signed({ shown, seen, title, wishes, onAgain, onDone, children }: SignedProps) {
  const client = useQueryClient();
  const decide = useDecide(seen.id);
  const sign = useSignState(shown.signing);
  const [isSigning, setSigning] = useState(false);
  const [partly, setPartly] = useState(0);
  // A second click comes before the first has changed what is drawn.
  const isUnderWay = useRef(false);
  const isChanged = shown.revision !== seen.revision && !isSigning;
  const isConflict = decide.error instanceof AnswerError && decide.error.status === 409;
  const isReady = wishes.length > 0 && wishes.every(({ reason }) => reason.length >= 3) && sign.signing !== null;

  async function run() {
    if (isUnderWay.current || !isReady || isChanged || sign.signing === null) return;
    isUnderWay.current = true;
    setSigning(true);
    let signed = 0;
    let { revision } = seen;
    try {
      for (const wish of wishes) {
        if (signed > 0) {
          const now = await fresh(client, seen.id);
          // Our own decision raised the revision; anything else that did has to be looked at first.
          if (!isAsSeen(now, seen, wish.scope)) break;
          revision = now.revision;
        }
        const meaning = meaningOf(wish.disposition, false);
        await decide.mutateAsync({ revision, wish, meaning, signing: sign.signing });
        signed++;
      }
      if (signed === wishes.length) onDone();
      else setPartly(signed);
    } catch (error) {
      if (error instanceof Error) sign.refused(error);
      if (signed > 0) setPartly(signed);
    } finally {
      isUnderWay.current = false;
      setSigning(false);
    }
  }

  const again = async () => {
    const now = await fresh(client, seen.id).catch(() => null);
    if (now === null) return;
    decide.reset();
    setPartly(0);
    onAgain(now);
  };
  return (
    <form
      className={`panel ${css.form}`}
      aria-label={title}
      onSubmit={(event) => {
        event.preventDefault();
        void run();
      }}
    >
      <h2>{title}</h2>
      {children}
      {shown.signing.needsSecond && wishes.some(isForTwo) ? <p>{say('case.sign.second')}</p> : null}
      <SignFields
        state={sign}
        how={shown.signing}
        meanings={[...new Set(wishes.map(({ disposition }) => meaningOf(disposition, false)))]}
      />
      {isConflict || isChanged ? (
        <ChangedSince
          id={seen.id}
          revision={seen.revision}
          now={shown.revision}
          text={
            partly > 0
              ? say('case.decide.partly', { signed: partly })
              : say(isConflict ? 'case.decide.conflict' : 'case.decide.changed')
          }
          again={say('case.decide.again')}
          onAgain={() => void again()}
        />
      ) : (
        <Trouble error={decide.error} />
      )}
      <div className="buttons">
        <Button type="submit" loading={isSigning} disabled={!isReady || isChanged || isConflict}>
          {say('case.sign')}
        </Button>
        <Button variant="subtle" color="gray" disabled={isSigning && sign.typed.method !== 'oidc'} onClick={onDone}>
          {say('case.decide.cancel')}
        </Button>
      </div>
    </form>
  );
}

/** What only stops goods waits for nobody. */
function isForTwo({ disposition }: Wish): boolean {
  return disposition !== 'quarantine';
}

/** The case as it is now, not as the page has kept it. */
function fresh(client: QueryClient, id: string): Promise<CaseView> {
  return client.fetchQuery({
    queryKey: ['case', id],
    queryFn: ({ signal }) => ask<CaseView>(`/cases/${segment(id)}`, {}, signal),
    staleTime: 0,
  });
}

/** Whether what a wish is about is still what was seen: a group keeps its id while its serials and exposure are the same. */
function isAsSeen(now: CaseView, seen: CaseView, scope: Scope): boolean {
  if (!('group' in scope)) return now.revision === seen.revision;
  const find = (one: CaseView) => one.groups.find(({ id }) => id === scope.group);
  const [before, after] = [find(seen), find(now)];
  return (
    after !== undefined &&
    before?.proposal.disposition === after.proposal.disposition &&
    before.serials === after.serials &&
    before.toDecide === after.toDecide
  );
}
