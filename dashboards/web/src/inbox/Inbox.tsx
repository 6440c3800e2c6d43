import { Button } from '@mantine/core';
import { IconArrowUp, IconKeyboard } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { type PointerEvent, type ReactNode, useEffect, useState } from 'react';
import type { AlertView } from '../../../api/index.ts';
import { type AlertFilter, everyPage } from '../queries.ts';
import { useMay } from '../sign-in/session-queries.ts';
import { say } from '../text/say.ts';
import { AskMany } from './AskMany.tsx';
import css from './Inbox.module.css';
import { InboxRows } from './InboxRows.tsx';
import { type ActionOnMany, useActOnMany } from './inbox-queries.ts';
import { Outcome } from './Outcome.tsx';
import { ShortcutsHelp } from './ShortcutsHelp.tsx';
import { type Shortcut, useShortcuts } from './shortcuts.ts';
import { useSteadyRows } from './useSteadyRows.ts';

type Many = ActionOnMany['action'];

const ACTIONS: readonly (readonly [action: Many, key: Shortcut])[] = [
  ['acknowledge', 'a'],
  ['snooze', 's'],
  ['assign', 'e'],
  ['resolve', 'r'],
];

interface InboxProps {
  readonly alerts: readonly AlertView[];
  readonly filter: AlertFilter;
  /** How many there are, loaded or not; null: not known yet. */
  readonly total: number | null;
  readonly now: number;
  readonly isNew: (id: string) => boolean;
  readonly onEnd: () => void;
  /** Where there is none. */
  readonly nothing: ReactNode;
}

/** One list of alerts, worked through by hand or by keys: what is selected, and one action on all of it. */
export function Inbox({ alerts, filter, total, now, isNew, onEnd, nothing }: InboxProps) {
  const mayAct = useMay('alert.handle');
  const act = useActOnMany();
  const [selected, setSelected] = useState<ReadonlyMap<string, AlertView>>(new Map());
  const [cursor, setCursor] = useState(-1);
  const [isOver, setOver] = useState(false);
  const [asking, setAsking] = useState<{ readonly action: Many; readonly alerts: readonly AlertView[] } | null>(null);
  const [isHelp, setHelp] = useState(false);
  const [own, setOwn] = useState<ReadonlySet<string>>(new Set());
  const isScrolled = useIsScrolled();
  const steady = useSteadyRows(alerts, isOver || isScrolled || selected.size > 0 || cursor >= 0, own);
  const { rows, waiting } = steady;
  const all = useMutation({ mutationFn: () => everyPage<AlertView>('/alerts', undefined, { ...filter }) });
  const at = Math.min(cursor, rows.length - 1);

  /** What an action is meant for: what is selected, as it is shown now; else the row that the keyboard is on. */
  function meant(): readonly AlertView[] {
    const row = rows[at];
    if (selected.size === 0) return row === undefined ? [] : [row];
    const shown = new Map(rows.map((alert) => [alert.id, alert]));
    return [...selected.values()].map((alert) => shown.get(alert.id) ?? alert);
  }

  function run(action: ActionOnMany) {
    act.mutate(action, {
      onSuccess: ({ acted }) => {
        setAsking(null);
        setSelected(new Map());
        setOwn((before) => new Set([...before, ...acted.flatMap(({ id, alert }) => (alert === null ? [] : [id]))]));
      },
    });
  }

  function start(action: Many) {
    const some = meant();
    if (!mayAct || some.length === 0 || act.isPending) return;
    act.reset();
    // Nothing needs to be asked; where a site wants a comment, its answer says so.
    if (action === 'acknowledge') run({ action, alerts: some });
    else setAsking({ action, alerts: some });
  }

  function toggle(id: string) {
    const alert = rows.find((row) => row.id === id);
    const next = new Map(selected);
    if (!next.delete(id) && alert !== undefined) next.set(id, alert);
    setSelected(next);
  }

  const shortcuts = useShortcuts((key) => {
    const action = ACTIONS.find(([, one]) => one === key)?.[0];
    const row = rows[at];
    if (action !== undefined) start(action);
    else if (key === 'j') setCursor(Math.min(at + 1, rows.length - 1));
    else if (key === 'k') setCursor(Math.max(at - 1, 0));
    else if (key === 'x' && row !== undefined && mayAct) toggle(row.id);
    else if (key === '?') setHelp(true);
    else if (key === 'Escape') {
      setSelected(new Map());
      setCursor(-1);
    }
  });

  // Also over the button that shows what is new: what goes from under the pointer there would be hit instead.
  const over = (isIn: boolean) => (event: PointerEvent) => {
    if (event.pointerType === 'mouse') setOver(isIn);
  };
  const isAllSelected = rows.length > 0 && rows.every(({ id }) => selected.has(id));
  return (
    <div className={css.inbox} onPointerEnter={over(true)} onPointerLeave={over(false)}>
      {rows.length === 0 ? (
        nothing
      ) : (
        <div className={css.tools}>
          {mayAct ? (
            <label className={css.all}>
              <input
                type="checkbox"
                checked={isAllSelected}
                ref={(box) => {
                  if (box !== null) box.indeterminate = selected.size > 0 && !isAllSelected;
                }}
                onChange={() => setSelected(new Map(isAllSelected ? [] : rows.map((alert) => [alert.id, alert])))}
              />
              {say('inbox.selectAll')}
            </label>
          ) : null}
          {mayAct && total !== null && total > rows.length && selected.size > 0 && selected.size < total ? (
            <Button
              variant="subtle"
              size="compact-sm"
              loading={all.isPending}
              onClick={() =>
                all.mutate(undefined, {
                  onSuccess: (every) => setSelected(new Map(every.map((alert) => [alert.id, alert]))),
                })
              }
            >
              {say('inbox.selectTotal', { total })}
            </Button>
          ) : null}
          <span className="spring" />
          <Button
            className={css.help ?? ''}
            variant="subtle"
            color="gray"
            size="compact-sm"
            leftSection={<IconKeyboard size={17} stroke={1.6} />}
            onClick={() => setHelp(true)}
          >
            {say('inbox.shortcuts')}
          </Button>
        </div>
      )}
      {waiting === 0 ? null : (
        <div className={css.waiting}>
          <Button
            size="xs"
            leftSection={<IconArrowUp size={15} />}
            onClick={() => {
              steady.release();
              setCursor(-1);
              scrollTo({ top: 0 });
            }}
          >
            {say('inbox.waiting', { waiting })}
          </Button>
        </div>
      )}
      {act.data === undefined || asking !== null ? null : (
        <Outcome
          acted={act.data}
          now={now}
          onAskComment={(ids) => {
            const some = act.data?.alerts.filter(({ id }) => ids.has(id)) ?? [];
            setAsking({ action: 'acknowledge', alerts: some });
          }}
          onClose={act.reset}
        />
      )}
      {act.error === null || asking !== null ? null : (
        <p className="trouble" role="alert">
          {act.error.message}
        </p>
      )}
      {rows.length === 0 ? null : (
        <InboxRows
          rows={rows}
          now={now}
          isNew={isNew}
          isGone={steady.isGone}
          selected={new Set(selected.keys())}
          mayAct={mayAct}
          onSelect={toggle}
          cursor={at}
          onEnd={onEnd}
        />
      )}
      {selected.size === 0 ? null : (
        <div className={`panel ${css.bar}`}>
          <b role="status">{say('inbox.selected', { selected: selected.size })}</b>
          {ACTIONS.map(([action, key]) => (
            <Button
              key={action}
              size="sm"
              variant={action === 'acknowledge' ? 'filled' : 'default'}
              loading={act.isPending && act.variables?.action === action}
              aria-keyshortcuts={key}
              onClick={() => start(action)}
            >
              {say(`inbox.${action}`)}
            </Button>
          ))}
          <Button size="sm" variant="subtle" color="gray" onClick={() => setSelected(new Map())}>
            {say('inbox.clear')}
          </Button>
        </div>
      )}
      {asking === null ? null : (
        <AskMany
          {...asking}
          isPending={act.isPending}
          done={act.done}
          error={act.error}
          onRun={run}
          onClose={() => setAsking(null)}
        />
      )}
      {isHelp ? (
        <ShortcutsHelp isOn={shortcuts.isOn} onToggle={shortcuts.toggle} onClose={() => setHelp(false)} />
      ) : null}
    </div>
  );
}

/** Whoever has scrolled down reads there: what comes in above would push it away. */
function useIsScrolled(): boolean {
  const [isScrolled, setScrolled] = useState(false);
  useEffect(() => {
    const look = () => setScrolled(scrollY > 200);
    look();
    addEventListener('scroll', look, { passive: true });
    return () => removeEventListener('scroll', look);
  }, []);
  return isScrolled;
}
