import {
  ActionIcon,
  Button,
  Loader,
  Menu,
  useComputedColorScheme,
  useMantineColorScheme,
  VisuallyHidden,
} from '@mantine/core';
import {
  IconBell,
  IconDoor,
  IconGavel,
  IconHelp,
  IconLogout,
  IconMessageExclamation,
  IconMoon,
  IconPlugConnectedX,
  IconRuler2,
  IconScan,
  IconSchool,
  IconSettings,
  IconSun,
  IconTemperature,
  IconTruckDelivery,
  IconUser,
} from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import { Link, NavLink, Outlet, useLocation } from 'react-router';
import type { Session } from '../../../api/index.ts';
import { ADMIN_SCREENS } from '../admin/admin-screens.ts';
import { useOpenAlerts } from '../alert/alert-queries.ts';
import { useOpenCases } from '../case/case-queries.ts';
import { LiveProvider, useConnection, useIsOutdated, useLive, useNewestAlert } from '../live/Live.tsx';
import { useNow } from '../live/useNow.ts';
import { HeldScansContext, useHolding } from '../parts/held-scans.ts';
import { PageSettingsProvider, usePageSettings } from '../parts/PageSettings.tsx';
import { Failed } from '../parts/States.tsx';
import { ZoneProvider, ZoneSwitch } from '../parts/Zone.tsx';
import { SignIn } from '../sign-in/SignIn.tsx';
import { useSession, useSignOut } from '../sign-in/session-queries.ts';
import { say } from '../text/say.ts';
import { headline, whereabouts } from '../words/alert.ts';
import { alertTone } from './alert-tone.ts';
import { FactorFirst } from './FactorFirst.tsx';
import { Find } from './Find.tsx';
import css from './Frame.module.css';
import { helpOf } from './help-of-screens.ts';
import { part } from './part.tsx';
import { ScreenHint } from './ScreenHint.tsx';

/** What is around every screen: who is signed in, where one can go, whether the data is live. */
export function Frame() {
  const { data: session, error, isPending, refetch } = useSession();
  if (isPending) {
    return (
      <div className={css.whole}>
        <Loader aria-label={say('frame.loading')} />
      </div>
    );
  }
  if (error !== null && session === undefined) {
    return (
      <div className={css.whole}>
        <Failed error={error} what={say('frame.isotherm')} onRetry={() => void refetch()} />
      </div>
    );
  }
  if (session == null) return <SignIn />;
  if (session.user.lacksSecondFactor === true) return <FactorFirst />;
  return (
    <PageSettingsProvider>
      <LiveProvider>
        <ZoneProvider>
          <SignedIn session={session} />
        </ZoneProvider>
      </LiveProvider>
    </PageSettingsProvider>
  );
}

const PracticeBar = part(async () => (await import('../practice/PracticeBar.tsx')).PracticeBar);

const SCREENS = [
  { to: '/shipments', name: 'frame.shipments', Icon: IconTruckDelivery },
  { to: '/alerts', name: 'frame.alerts', Icon: IconBell },
  { to: '/cases', name: 'frame.cases', Icon: IconGavel },
  { to: '/portals', name: 'frame.portals', Icon: IconDoor },
  { to: '/devices', name: 'frame.loggers', Icon: IconTemperature },
  { to: '/rules', name: 'frame.rules', Icon: IconRuler2 },
  { to: '/verify', name: 'frame.verify', Icon: IconScan, also: ['/recall', '/returns', '/decommission'] },
] as const;

/** What a pharmacy has: it receives, verifies, settles and answers; it has no doors with readers and no loggers. */
const OF_A_PHARMACY = [
  { to: '/shipments', name: 'frame.shipments', Icon: IconTruckDelivery, permission: 'records.read' },
  {
    to: '/verify',
    name: 'frame.verify',
    Icon: IconScan,
    also: ['/recall', '/returns', '/decommission'],
    permission: 'records.read',
  },
  { to: '/admin/exceptions', name: 'exceptions.title', Icon: IconMessageExclamation, permission: 'partner.read' },
  { to: '/cases', name: 'frame.cases', Icon: IconGavel, permission: 'records.read' },
] as const;

function SignedIn({ session }: { session: Session }) {
  useLive('alerts');
  usePageSettings();
  const { data: open } = useOpenAlerts(true);
  const { pathname } = useLocation();
  const held = useHolding(pathname);
  const { data: cases } = useOpenCases(true);
  const waiting: Readonly<Record<string, string | null>> = {
    '/alerts': waitingText(open),
    '/cases': waitingText(cases),
  };

  // In braces: in newer browsers scrolling returns a promise, and an effect may return nothing but its end.
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new page starts at its top
  useEffect(() => {
    window.scrollTo(0, 0);
  }, [pathname]);

  const shown =
    session.setUpFor === 'pharmacy'
      ? OF_A_PHARMACY.filter(({ permission }) => session.user.permissions.includes(permission))
      : SCREENS;
  const links = shown.map(({ to, name, Icon, ...screen }) => (
    <NavLink
      key={to}
      to={to}
      className={({ isActive }) => {
        return isActive || ('also' in screen && screen.also.some((path) => path === pathname))
          ? `${css.navLink} ${css.active}`
          : css.navLink;
      }}
    >
      <Icon size={20} stroke={1.6} aria-hidden="true" />
      <span>{say(name)}</span>
      {waiting[to] == null ? null : (
        <span className={css.navCount}>
          {waiting[to]}
          <VisuallyHidden>{say('frame.open')}</VisuallyHidden>
        </span>
      )}
    </NavLink>
  ));

  return (
    <>
      <a href="#main" className={css.skip}>
        {say('frame.skipToContent')}
      </a>
      <header className={css.top}>
        <div className={css.topInside}>
          <NavLink to="/" className={css.brand ?? ''} aria-label={say('frame.isothermStart')}>
            <img src="/icon.svg" alt="" width={26} height={26} />
            <span>{say('frame.isotherm')}</span>
          </NavLink>
          <nav className={`${css.nav} ${css.navTop}`} aria-label={say('frame.main')}>
            {links}
          </nav>
          <span className="spring" />
          <Find />
          <HelpLink />
          <SchemeButton />
          <Account session={session} />
        </div>
        <ConnectionBanner />
        {session.isPractice === true ? <PracticeBar /> : null}
      </header>
      <main id="main" className={css.main} tabIndex={-1}>
        <div className={css.clock}>
          <ScreenHint />
          <ZoneSwitch />
        </div>
        <HeldScansContext value={held}>
          <Outlet />
        </HeldScansContext>
      </main>
      <nav className={`${css.nav} ${css.navBottom}`} aria-label={say('frame.mainBottom')}>
        {links}
      </nav>
      <Announcer />
    </>
  );
}

/** `7`, or `50+` where there are more pages; null where nothing waits. */
function waitingText(page: { readonly items: readonly unknown[]; readonly nextCursor: string | null } | undefined) {
  if (page === undefined || page.items.length === 0) return null;
  return page.nextCursor === null ? String(page.items.length) : `${page.items.length}+`;
}

/** The page of the help about the screen that is open; on phones it stands in the menu of the account. */
function HelpLink() {
  const { pathname } = useLocation();
  return (
    <ActionIcon
      component="a"
      href={helpOf(pathname)}
      target="_blank"
      rel="noreferrer"
      variant="subtle"
      color="gray"
      size="lg"
      className={css.helpLink}
      aria-label={say('frame.help')}
    >
      <IconHelp size={19} stroke={1.6} />
    </ActionIcon>
  );
}

function SchemeButton() {
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light');
  const other = scheme === 'dark' ? 'light' : 'dark';
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="lg"
      aria-label={say('frame.changeToColours', { other })}
      onClick={() => setColorScheme(other)}
    >
      {scheme === 'dark' ? <IconSun size={19} stroke={1.6} /> : <IconMoon size={19} stroke={1.6} />}
    </ActionIcon>
  );
}

function Account({ session }: { session: Session }) {
  const signOut = useSignOut();
  const { pathname } = useLocation();
  const first = ADMIN_SCREENS.find(({ permission }) => session.user.permissions.includes(permission));
  return (
    <Menu position="bottom-end" width={220} shadow="md">
      <Menu.Target>
        <Button
          variant="subtle"
          color="gray"
          className={css.account}
          leftSection={<IconUser size={18} stroke={1.6} />}
          aria-label={say('frame.signedInAs', { name: session.user.name })}
        >
          <span className={css.accountName}>{session.user.name}</span>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {session.user.name}, {session.user.role}
          {session.isDemo ? say('frame.demonstration') : ''}
        </Menu.Label>
        <Menu.Item component={Link} to="/account" leftSection={<IconUser size={16} stroke={1.6} />}>
          {say('account.title')}
        </Menu.Item>
        {first === undefined ? null : (
          <Menu.Item component={Link} to={first.to} leftSection={<IconSettings size={16} stroke={1.6} />}>
            {say('admin.menu')}
          </Menu.Item>
        )}
        <Menu.Item
          component="a"
          href={helpOf(pathname)}
          target="_blank"
          rel="noreferrer"
          leftSection={<IconHelp size={16} stroke={1.6} />}
        >
          {say('frame.help')}
        </Menu.Item>
        {session.canPractise === true ? (
          <Menu.Item component={Link} to="/practice" leftSection={<IconSchool size={16} stroke={1.6} />}>
            {say('practice.menu')}
          </Menu.Item>
        ) : null}
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} stroke={1.6} />} onClick={() => signOut.mutate()}>
          {say('frame.signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function ConnectionBanner() {
  const connection = useConnection();
  const isOutdated = useIsOutdated();
  return (
    <div role="status">
      {connection === 'lost' ? (
        <div className={css.banner}>
          <IconPlugConnectedX size={18} stroke={1.6} aria-hidden="true" />
          {say('frame.connectionLostWhatYouSee')}
        </div>
      ) : isOutdated ? (
        <div className={css.banner}>
          {say('frame.isothermWasUpgraded')}
          <button type="button" className="quiet-button" onClick={() => window.location.reload()}>
            {say('frame.loadTheNewPage')}
          </button>
        </div>
      ) : null}
    </div>
  );
}

/** New alerts said aloud to those who listen to the page, and heard by those who want to hear them. */
function Announcer() {
  const newest = useNewestAlert();
  const now = useNow(60_000);
  const { hasSound } = usePageSettings();
  const heard = useRef<string | null>(null);
  useEffect(() => {
    if (newest === null || newest.alert.id === heard.current) return;
    heard.current = newest.alert.id;
    if (hasSound) alertTone.play(newest.alert.severity === 'critical' ? 'critical' : 'warning');
  }, [newest, hasSound]);
  return (
    <VisuallyHidden>
      <div aria-live="assertive">
        {newest === null
          ? ''
          : say('frame.newAlert', { alert: headline(newest.alert, now), join: whereabouts(newest.alert).join(', ') })}
      </div>
    </VisuallyHidden>
  );
}
