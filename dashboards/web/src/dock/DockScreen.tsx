import { useEffect, useRef, useState } from 'react';
import type { DifferenceView, PassView, PortalView } from '../../../api/index.ts';
import { part } from '../frame/part.tsx';
import { useConnection, useLive } from '../live/Live.tsx';
import { useNow } from '../live/useNow.ts';
import { useTitle } from '../parts/useTitle.ts';
import { lightOfPass } from '../words/pass-light.ts';
import { Counts } from './Counts.tsx';
import { Damaged } from './Damaged.tsx';
import { DockHead } from './DockHead.tsx';
import css from './dock.module.css';
import {
  useDoorPasses,
  usePassCounts,
  usePassDamages,
  usePassDifferences,
  usePassGoods,
  useUnsettled,
} from './dock-queries.ts';
import { type DoorState, doorState, whatIs } from './door-state.ts';
import { History } from './History.tsx';
import type { KeptAction } from './kept-actions.ts';
import { useWords } from './language.tsx';
import { Question } from './Question.tsx';
import { Scanned, Settle, type SettleWish } from './Settle.tsx';
import { type ScannedPack, scannedPack } from './scanned-pack.ts';
import { CLOCK_TOLERANCE_MS, useClockOffset } from './server-clock.ts';
import { concerned, coveredBy, takenOffOf } from './settleable.ts';
import { useSound } from './sound.ts';
import { useActions } from './useActions.ts';
import { Goods, printed, Verdict } from './Verdict.tsx';
import { useAwake } from './wake.ts';
import { useWedge, type WedgeScan } from './wedge.ts';
import { useWho, WhoForm } from './who.tsx';

/** A pass that was over this long before the screen was opened is none that stands at the door. */
const OLD_MS = 60_000;
/** Reading for so long, the reader has not said that it is done. */
const LATE_MS = 30_000;

/** The screen of one door: what stands in it, whether it is right, and what to do. Nothing to touch where all is well. */
export function DockScreen({ door }: { door: PortalView }) {
  const { say, clock } = useWords();
  useLive(`portal:${door.id}`);
  useTitle(say('title', { door: door.name }));
  useAwake();
  const sound = useSound();
  const offset = useClockOffset();
  const now = useNow(1_000) + offset;
  const isAway = useConnection() === 'lost';
  const { data: passes, dataUpdatedAt } = useDoorPasses(door.id);
  const actions = useActions(door.id);
  const who = useWho();
  const [asked, setAsked] = useState<Deed | null>(null);
  const [sheet, setSheet] = useState<'history' | 'settle' | null>(null);
  const [hurt, setHurt] = useState<{ readonly pass: string; readonly epcs: ReadonlySet<string> } | null>(null);
  const [isLooking, setLooking] = useState(false);
  const [scans, setScans] = useState<{ readonly pass: string; readonly packs: readonly ScannedPack[] }>(NO_SCANS);
  const [aside, setAside] = useState<ReadonlySet<string>>(new Set());
  const pass = passes?.items[0] ?? null;
  const isRed = pass !== null && lightOfPass(pass) === 'red';
  const { data: goods } = usePassGoods(isRed ? pass.id : null);
  const { data: hurtPass } = usePassGoods(hurt?.pass ?? null);
  const { data: damages } = usePassDamages(pass?.id ?? null);
  const { data: differences } = usePassDifferences(isRed && !pass.isProvisional ? pass.id : null);
  const isSettled = differences === undefined ? undefined : differences.open === 0 && differences.lines.length > 0;
  const shownForMs = useShownFor(pass, isSettled, now);
  const state = doorState(pass, { shownForMs, isSettled, isAside: pass !== null && aside.has(pass.id) });
  const { data: counts } = usePassCounts(state === 'reading' || state === 'pass' ? pass : null);
  const lines = differences?.lines ?? [];
  const packs = pass !== null && scans.pass === pass.id ? scans.packs : [];
  const isWaiting = actions.waiting.some((one) => one.pass === pass?.id);

  const act = (deed: Deed, name = who.name) => {
    if (name === null) {
      setAsked(deed);
      return;
    }
    actions.act({ ...deed, body: { ...deed.body, ...(who.isSaid && { person: name }) }, who: name });
    setAsked(null);
    setSheet(null);
    setHurt(null);
    setLooking(false);
    setScans(NO_SCANS);
  };

  const settle = ({ lines: wished, how, reason, takenOff = [] }: SettleWish) => {
    if (pass === null || wished.length === 0) return;
    const count = wished.reduce((sum, line) => sum + line.count, 0);
    act({
      ...{ pass: pass.id, path: `/passes/${encodeURIComponent(pass.id)}/reconciliation/settle` },
      body: { lines: wished.map(({ id }) => id), how, reason, ...(takenOff.length > 0 && { takenOff }) },
      what: `${say('do.settle')} ${count}: ${reason}`,
    });
  };

  const sayDamaged = (epcs: readonly string[], photos: readonly Blob[], note: string) => {
    if (hurt === null) return;
    const path = `/passes/${encodeURIComponent(hurt.pass)}/damages`;
    const what = `${say('damage.title')} ${epcs.map(printed).join(', ')}`;
    const body = { epcs, ...(note !== '' && { note }) };
    act({ ...{ pass: hurt.pass, path, what, body }, ...(photos.length > 0 && { photos }) });
  };

  const take = (scan: WedgeScan) => {
    if (hurt !== null) {
      if (hurtPass === undefined || hurtPass.id !== hurt.pass) return;
      const pack = scannedPack(scan, hurtPass);
      sound.play('epc' in pack ? 'pass' : 'check');
      if ('epc' in pack) setHurt({ ...hurt, epcs: new Set([...hurt.epcs, pack.epc]) });
      return;
    }
    if (goods === undefined || goods.id !== pass?.id || state !== 'check') return;
    const pack = scannedPack(scan, goods);
    const all = [...packs, pack];
    setScans({ pass: goods.id, packs: all });
    sound.play(pack.is === 'bad' || pack.is === 'other' ? 'check' : 'pass');
    const covered = coveredBy(lines, epcsOf(all));
    const isLast = covered.length > 0 && covered.length === lines.filter((line) => line.state === 'open').length;
    if (isLast)
      settle({ lines: covered, how: 'scan', reason: scannedReason(all), takenOff: takenOffOf(covered, offOf(all)) });
  };
  useWedge(take);
  const damaged = (damages?.items ?? []).reduce((sum, { epcs }) => sum + epcs.length, 0);
  const keptPhotos = actions.waiting.reduce((sum, { photos = [] }) => sum + photos.length, 0);
  const { data: unsettled } = useUnsettled(door.id, whatIs(pass));
  const before = (unsettled?.items ?? []).filter((one) => one.pass.id !== pass?.id || state === 'ready');
  const open = before.length;
  useAnnounced(state, pass, sound.play);
  const gap = pass === null ? undefined : door.gaps.find((one) => one.to > pass.from && one.from < pass.to);
  const zone = door.site.zone;

  return (
    <main className={css.screen}>
      <DockHead
        door={door}
        sound={sound}
        who={who}
        onHistory={() => setSheet(sheet === 'history' ? null : 'history')}
        time={clock(now, zone)}
      />
      <div role="status">
        {isAway ? (
          <p className={`${css.notice} ${css.warned}`}>
            {say('offline')} {say('offline.old', { time: clock(dataUpdatedAt + offset, zone) })}
          </p>
        ) : null}
        {actions.waiting.length > 0 ? (
          <p className={css.notice}>
            {isAway ? say('offline.queued', { count: actions.waiting.length }) : say('sending')}
          </p>
        ) : null}
        {Math.abs(offset) > CLOCK_TOLERANCE_MS ? (
          <p className={css.notice}>{say('clock.wrong', { minutes: Math.round(Math.abs(offset) / 60_000) })}</p>
        ) : null}
        {gap === undefined ? null : (
          <p className={`${css.notice} ${css.warned}`}>
            {say('gap', { from: clock(Date.parse(gap.from), zone), to: clock(Date.parse(gap.to), zone) })}
          </p>
        )}
        {open > 0 ? (
          <button type="button" className={`${css.notice} ${css.warned}`} onClick={() => setSheet('history')}>
            {say('aside.open', { count: open })}
          </button>
        ) : null}
        {damaged > 0 && state !== 'ready' ? (
          <p className={`${css.notice} ${css.warned}`}>{say('damage.said', { count: damaged })}</p>
        ) : null}
      </div>
      {asked === null ? null : (
        <WhoForm
          onName={(name) => {
            who.say(name);
            act(asked, name);
          }}
          onCancel={() => setAsked(null)}
        />
      )}
      <Question actions={actions} zone={zone} offset={offset} />
      {sheet === 'history' ? (
        <History door={door.id} zone={zone} newest={pass} now={now} onBack={() => setSheet(null)} />
      ) : (
        <Verdict state={state} pass={pass} isLate={shownForMs > LATE_MS} />
      )}
      {isLooking ? <CameraScan onScan={take} onClose={() => setLooking(false)} /> : null}
      {hurt === null || hurtPass === undefined || hurtPass.id !== hurt.pass ? null : (
        <>
          <Damaged
            key={hurt.pass}
            {...{ pass: hurtPass, scanned: hurt.epcs, kept: keptPhotos, onSend: sayDamaged }}
            onCancel={() => setHurt(null)}
          />
          {isLooking ? null : <CameraButton onOpen={() => setLooking(true)} />}
        </>
      )}
      {hurt === null && sheet === null && (state === 'pass' || state === 'settled') && pass !== null ? (
        <div className={css.actions}>
          <DamagedButton onOpen={() => setHurt({ pass: pass.id, epcs: new Set() })} />
        </div>
      ) : null}
      {sheet !== 'history' && counts !== undefined && counts.pass === pass?.id ? <Counts goods={counts} /> : null}
      {sheet !== 'history' &&
      hurt === null &&
      (state === 'check' || state === 'stop') &&
      goods !== undefined &&
      goods.id === pass?.id ? (
        <>
          <Scanned scans={packs} left={leftOf(lines, packs)} />
          {sheet === 'settle' ? (
            <Settle
              pass={goods}
              lines={lines}
              scanned={{ epcs: epcsOf(packs), off: offOf(packs), reason: scannedReason(packs) }}
              onSettle={settle}
              onCancel={() => setSheet(null)}
            />
          ) : (
            <>
              <Goods pass={goods} zone={zone} />
              <div className={css.actions}>
                {state === 'check' && differences !== undefined && !isWaiting ? (
                  <button type="button" className={`${css.button} ${css.main}`} onClick={() => setSheet('settle')}>
                    {say('do.settle')}
                  </button>
                ) : null}
                {state === 'check' && !isLooking ? <CameraButton onOpen={() => setLooking(true)} /> : null}
                <DamagedButton onOpen={() => setHurt({ pass: goods.id, epcs: new Set() })} />
                <button type="button" className={css.button} onClick={() => setAside(new Set([...aside, goods.id]))}>
                  {say('do.aside')}
                </button>
              </div>
            </>
          )}
        </>
      ) : null}
    </main>
  );
}

/** Loaded when somebody opens it: most doors have a scanner. */
const CameraScan = part(
  async () => (await import('./CameraScan.tsx')).default,
  () => <CameraWaits />,
);

function CameraWaits() {
  const { say } = useWords();
  return <p className={css.notice}>{say('loading')}</p>;
}

/** What a person does, before it is said who. */
type Deed = Pick<KeptAction, 'pass' | 'path' | 'body' | 'photos' | 'what'>;

function CameraButton({ onOpen }: { onOpen: () => void }) {
  const { say } = useWords();
  return (
    <button type="button" className={css.button} onClick={onOpen}>
      {say('do.camera')}
    </button>
  );
}

function DamagedButton({ onOpen }: { onOpen: () => void }) {
  const { say } = useWords();
  return (
    <button type="button" className={css.button} onClick={onOpen}>
      {say('do.damaged')}
    </button>
  );
}

const NO_SCANS = { pass: '', packs: [] };

function epcsOf(packs: readonly ScannedPack[]): ReadonlySet<string> {
  return new Set(packs.flatMap((pack) => ('epc' in pack ? [pack.epc] : [])));
}

function offOf(packs: readonly ScannedPack[]): ReadonlySet<string> {
  return new Set(packs.flatMap((pack) => (pack.is === 'tooMany' ? [pack.epc] : [])));
}

/** How many serials of open differences are not scanned yet. */
function leftOf(lines: readonly DifferenceView[], packs: readonly ScannedPack[]): number {
  const done = epcsOf(packs);
  const asked = lines.filter(({ state }) => state === 'open').flatMap(concerned);
  return asked.filter((epc) => !done.has(epc)).length;
}

/** For the record, in English: which serials were scanned, and as what. */
function scannedReason(packs: readonly ScannedPack[]): string {
  const of = (is: 'missing' | 'tooMany') => [
    ...new Set(packs.flatMap((pack) => (pack.is === is ? [pack.serial] : []))),
  ];
  const parts = [
    ...(of('missing').length > 0 ? [`found ${of('missing').join(', ')}`] : []),
    ...(of('tooMany').length > 0 ? [`took off ${of('tooMany').join(', ')}`] : []),
  ];
  return parts.join('; ').slice(0, 1_000);
}

/** Since when the screen shows of this pass what it shows, ms; of one that was over before it was opened, since then. */
function useShownFor(pass: PassView | null, isSettled: boolean | undefined, now: number): number {
  const shown = useRef({ what: '', since: 0 });
  if (pass === null) return 0;
  const what = `${pass.id} ${lightOfPass(pass)} ${pass.isProvisional} ${pass.counts.seen} ${isSettled === true}`;
  if (shown.current.what !== what) {
    const over = Date.parse(pass.to);
    shown.current = { what, since: isSettled !== true && now - over > OLD_MS ? over : now };
  }
  return Math.max(0, now - shown.current.since);
}

/** A verdict is heard once, when it comes; not again after a reload. */
function useAnnounced(state: DoorState, pass: PassView | null, play: (state: DoorState) => void): void {
  const before = useRef<string | null>(null);
  const id = pass?.id ?? '';
  useEffect(() => {
    const what = `${id} ${state}`;
    if (before.current !== null && before.current !== what) play(state);
    before.current = what;
  }, [id, state, play]);
}
