import type { AlertGrouping, AlertGroupsView, AlertGroupView } from '../../../api/index.ts';
import { ConditionMark } from '../parts/Marks.tsx';
import { say } from '../text/say.ts';
import { count } from '../words/figures.ts';
import css from './Inbox.module.css';
import type { InboxFilter } from './useInboxFilter.ts';

const MOST = 500;
const SEVERAL: readonly AlertGrouping[] = ['shipment', 'site', 'gateway', 'notice'];

/** What the alerts of the list have in common, each with its count; one of them is opened, or none. */
export function Groups({
  by,
  groups: { total, groups },
  filter,
}: {
  by: AlertGrouping;
  groups: AlertGroupsView;
  filter: InboxFilter;
}) {
  return (
    <nav className={`panel ${css.groups}`} aria-label={say('inbox.groups')}>
      <ul>
        <li>
          <button
            type="button"
            aria-current={filter.of === undefined}
            className={css.group}
            onClick={() => filter.openGroup(undefined)}
          >
            <span />
            <span>{say('inbox.groups.all')}</span>
            <b className="figure">{count(total)}</b>
          </button>
        </li>
        {groups.map((group) => (
          <Group key={group.key ?? ''} by={by} group={group} filter={filter} />
        ))}
      </ul>
      {groups.length < MOST ? null : <p className="muted">{say('inbox.groups.most')}</p>}
      {SEVERAL.includes(by) ? <p className="muted">{say('inbox.groups.several')}</p> : null}
    </nav>
  );
}

function Group({ by, group, filter }: { by: AlertGrouping; group: AlertGroupView; filter: InboxFilter }) {
  const { key, label, alerts, critical, warning, open } = group;
  return (
    <li>
      <button
        type="button"
        className={css.group}
        aria-current={filter.of === key}
        onClick={() => filter.openGroup(filter.of === key ? undefined : key)}
      >
        <ConditionMark
          state={critical > 0 ? 'excursion' : warning > 0 ? 'warning' : 'unknown'}
          size={16}
          label={critical > 0 ? say('alert.critical') : warning > 0 ? say('alert.warning') : say('alert.information')}
        />
        <span className={css.groupName}>
          {label ?? key ?? say(`inbox.groups.none.${by}`)}
          <span className="muted">{say('inbox.groups.count', { critical, open })}</span>
        </span>
        <b className="figure">{count(alerts)}</b>
      </button>
    </li>
  );
}
