import { TextInput } from '@mantine/core';
import { IconChevronRight, IconSearch } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { Fragment, memo, type ReactNode, useCallback, useDeferredValue, useId, useMemo, useRef, useState } from 'react';
import { Link } from 'react-router';
import { segment } from '../ask.ts';
import { blocksAround } from '../parts/row-blocks.ts';
import { usePrinting } from '../parts/usePrinting.ts';
import { say } from '../text/say.ts';
import { count, counted, shortEpc } from '../words/figures.ts';
import css from './SerialList.module.css';
import { found, type ListedSerial, linesOf, type SerialGroup, type SerialLine } from './serial-lines.ts';
import { useRowKeys } from './useRowKeys.ts';

/** What is said beside the name of a serial, and of a group in one line. */
export interface SerialColumn<T extends ListedSerial, G extends SerialGroup<T>> {
  readonly id: string;
  readonly title: string;
  /** Of the table, where there is room for columns; absent: what is left. */
  readonly width?: number;
  readonly isRight?: true;
  readonly className?: string;
  readonly ofGroup: (group: G) => ReactNode;
  /** null: nothing that the group has not said. */
  readonly ofSerial: (serial: T, group: G) => ReactNode;
}

interface SerialListProps<T extends ListedSerial, G extends SerialGroup<T>> {
  /** What is listed. */
  readonly label: string;
  readonly serials: readonly T[];
  /** How many there are, loaded or not. */
  readonly total: number;
  readonly groupsOf: (serials: readonly T[]) => readonly G[];
  readonly columns: readonly SerialColumn<T, G>[];
  /** Below the first and last serial of a group. */
  readonly about?: (group: G) => ReactNode;
  /** Something is looked for: only among all serials is it found for certain. */
  readonly onSearch?: () => void;
}

/** So many serials are shown one by one from the start. */
const OPEN_UP_TO = 12;
/** A row's height before it is drawn: on a desk, and as a card on a phone, px. */
const ROW_PX = { group: 58, serial: 38 };
const CARD_PX = { group: 178, serial: 92 };
const NARROW = '(max-width: 720px)';
/** Rows beyond the edge of what is seen, at least; and how many come and go at once. */
const BLOCKS = { around: 8, block: 16 };

/** Serials in groups that open, with a search in them: only the rows in view are there, so that thousands are as quick as ten. */
export function SerialList<T extends ListedSerial, G extends SerialGroup<T>>(props: SerialListProps<T, G>) {
  const { label, serials, total, groupsOf, onSearch } = props;
  const isPrinting = usePrinting();
  const [text, setText] = useState('');
  const asked = useDeferredValue(text);
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const shown = useMemo(() => found(serials, asked), [serials, asked]);
  const groups = useMemo(() => groupsOf(shown), [groupsOf, shown]);
  const isSearched = asked.trim() !== '';
  const areOpen = isSearched || serials.length <= OPEN_UP_TO;
  const lines = useMemo(
    () => linesOf<T, G>(groups, ({ key }) => toggled.has(key) !== areOpen),
    [groups, toggled, areOpen],
  );
  const toggle = (key: string) =>
    setToggled((before) =>
      before.has(key) ? new Set([...before].filter((one) => one !== key)) : new Set([...before, key]),
    );
  const isPartial = serials.length < total;
  return (
    <>
      {total > OPEN_UP_TO ? (
        <div className={css.search}>
          <TextInput
            type="search"
            size="xs"
            aria-label={say('serials.search')}
            placeholder={say('serials.search.hint')}
            leftSection={<IconSearch size={15} stroke={1.6} aria-hidden="true" />}
            value={text}
            onChange={(event) => {
              setText(event.currentTarget.value);
              // What opened and closed before was another list.
              setToggled(new Set());
              onSearch?.();
            }}
          />
          <span className="muted" role="status">
            {isSearched ? say('serials.found', { found: shown.length, of: count(serials.length) }) : null}
            {isPartial ? ` ${say('serials.loaded', { loaded: count(serials.length), total: count(total) })}` : null}
          </span>
        </div>
      ) : null}
      {lines.length === 0 ? (
        <p className={`${css.none} muted`}>{say('serials.none')}</p>
      ) : isPrinting ? (
        <Printed {...props} groups={groups} />
      ) : (
        <Rows {...props} label={label} lines={lines} onToggle={toggle} />
      )}
    </>
  );
}

type RowsProps<T extends ListedSerial, G extends SerialGroup<T>> = SerialListProps<T, G> & {
  readonly lines: readonly SerialLine<T, G>[];
  readonly onToggle: (key: string) => void;
};

function Rows<T extends ListedSerial, G extends SerialGroup<T>>({
  label,
  lines,
  columns,
  about,
  onToggle,
}: RowsProps<T, G>) {
  const scroller = useRef<HTMLDivElement>(null);
  const help = useId();
  const [active, setActive] = useState(0);
  const at = Math.min(active, lines.length - 1);
  const sizes = window.matchMedia(NARROW).matches ? CARD_PX : ROW_PX;
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => sizes[lines[index]?.kind === 'serial' ? 'serial' : 'group'],
    getItemKey: useCallback((index: number) => lines[index]?.key ?? index, [lines]),
    // Rows are drawn ahead of the scrolling, not while it waits for them.
    useFlushSync: false,
    // The row that the keys are at stays, wherever it is scrolled to: focus would be lost with it.
    rangeExtractor: (range) => [...new Set([...blocksAround(range, BLOCKS), at])].toSorted((a, b) => a - b),
  });
  const onKeyDown = useRowKeys({
    lines,
    at,
    scroller,
    onMove: (index) => {
      setActive(index);
      rows.scrollToIndex(index);
    },
    onToggle,
  });
  const shown = rows.getVirtualItems();
  const last = shown.at(-1);
  return (
    <>
      <div ref={scroller} className={css.scroller}>
        <table
          // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: rows that open, with keys of their own
          role="treegrid"
          className={`table cards ${css.list}`}
          aria-label={label}
          aria-describedby={help}
          aria-rowcount={lines.length + 1}
          onKeyDown={onKeyDown}
        >
          <Columns columns={columns} />
          <tbody>
            {shown.map((item, nth) => {
              const line = lines[item.index];
              if (line === undefined) return null;
              const before = shown[nth - 1]?.end ?? 0;
              return (
                <Fragment key={item.key}>
                  <Gap height={item.start - before} columns={columns.length + 1} />
                  <Row
                    line={line}
                    index={item.index}
                    isActive={item.index === at}
                    columns={columns}
                    about={about}
                    measure={rows.measureElement}
                    onActive={setActive}
                    onToggle={onToggle}
                  />
                </Fragment>
              );
            })}
            <Gap height={rows.getTotalSize() - (last?.end ?? 0)} columns={columns.length + 1} />
          </tbody>
        </table>
      </div>
      <p id={help} className={`${css.help} muted`}>
        {say('serials.keys')}
      </p>
    </>
  );
}

interface RowProps<T extends ListedSerial, G extends SerialGroup<T>> {
  readonly line: SerialLine<T, G>;
  readonly index: number;
  /** The keys are at it. */
  readonly isActive: boolean;
  readonly columns: readonly SerialColumn<T, G>[];
  readonly about: SerialListProps<T, G>['about'];
  readonly measure: (row: HTMLTableRowElement | null) => void;
  readonly onActive: (index: number) => void;
  readonly onToggle: (key: string) => void;
}

function RowOf<T extends ListedSerial, G extends SerialGroup<T>>(props: RowProps<T, G>) {
  const { line, index, isActive, columns, about, measure, onActive, onToggle } = props;
  return (
    <tr
      ref={measure}
      data-index={index}
      className={line.kind === 'serial' ? css.member : undefined}
      aria-rowindex={index + 2}
      aria-level={line.kind === 'serial' ? 2 : 1}
      aria-expanded={line.kind === 'group' ? line.isOpen : undefined}
      tabIndex={isActive ? 0 : -1}
      onFocus={() => onActive(index)}
    >
      <td>
        <Name line={line} about={about} onToggle={onToggle} />
      </td>
      {columns.map((column) => (
        <Cell key={column.id} column={column} line={line} />
      ))}
    </tr>
  );
}

/** A row that stays is not made again while others come and go. */
const Row = memo(RowOf) as typeof RowOf;

function Columns<T extends ListedSerial, G extends SerialGroup<T>>({
  columns,
}: Pick<SerialListProps<T, G>, 'columns'>) {
  return (
    <>
      <colgroup>
        <col />
        {columns.map(({ id, width }) => (
          <col key={id} style={width === undefined ? undefined : { width }} />
        ))}
      </colgroup>
      <thead>
        <tr aria-rowindex={1}>
          <th scope="col">{say('serials.serial')}</th>
          {columns.map(({ id, title, isRight }) => (
            <th key={id} scope="col" className={isRight ? 'right' : undefined}>
              {title}
            </th>
          ))}
        </tr>
      </thead>
    </>
  );
}

/** Stands for rows that are not drawn. */
function Gap({ height, columns }: { height: number; columns: number }) {
  if (height <= 0) return null;
  return (
    <tr className={css.gap}>
      <td colSpan={columns} style={{ height }} />
    </tr>
  );
}

interface CellProps<T extends ListedSerial, G extends SerialGroup<T>> {
  readonly column: SerialColumn<T, G>;
  readonly line: SerialLine<T, G>;
}

function Cell<T extends ListedSerial, G extends SerialGroup<T>>({ column, line }: CellProps<T, G>) {
  const { title, isRight, className, ofGroup, ofSerial } = column;
  const content = line.kind === 'serial' ? ofSerial(line.serial, line.group) : ofGroup(line.group);
  const classes = [isRight ? 'right' : '', className ?? ''].join(' ').trim();
  return content === null ? (
    <td className={css.said} />
  ) : (
    <td data-label={title} className={classes}>
      {content}
    </td>
  );
}

interface NameProps<T extends ListedSerial, G extends SerialGroup<T>> {
  readonly line: SerialLine<T, G>;
  readonly about: SerialListProps<T, G>['about'];
  readonly onToggle: (key: string) => void;
}

function Name<T extends ListedSerial, G extends SerialGroup<T>>({ line, about, onToggle }: NameProps<T, G>) {
  if (line.kind === 'serial') return <SerialLink serial={line.serial} />;
  const under = about?.(line.group) ?? null;
  return (
    <>
      {line.kind === 'alone' ? (
        <SerialLink serial={line.serial} />
      ) : (
        <>
          <button
            type="button"
            tabIndex={-1}
            className={css.toggle}
            aria-expanded={line.isOpen}
            onClick={() => onToggle(line.key)}
          >
            <IconChevronRight size={15} stroke={2} aria-hidden="true" />
            {counted(line.group.serials.length, 'serial')}
          </button>
          <Ends serials={line.group.serials} />
        </>
      )}
      {under === null ? null : <span className={`${css.range} muted`}>{under}</span>}
    </>
  );
}

/** The first and last by their numbers, in whatever order they are shown. */
function Ends({ serials }: { serials: readonly ListedSerial[] }) {
  const names = serials.map(nameOf);
  const first = names.reduce((a, b) => (inOrder.compare(b, a) < 0 ? b : a));
  const last = names.reduce((a, b) => (inOrder.compare(b, a) > 0 ? b : a));
  return <span className={`${css.range} muted figure`}>{say('serials.ends', { first, last })}</span>;
}

const inOrder = new Intl.Collator('en', { numeric: true });

function SerialLink({ serial }: { serial: ListedSerial }) {
  return (
    <Link to={`/serials/${segment(serial.epc)}`} title={serial.epc} tabIndex={-1} className="figure">
      {nameOf(serial)}
    </Link>
  );
}

function nameOf({ serial, epc }: ListedSerial): string {
  return serial ?? shortEpc(epc);
}

/** On paper every serial is there, side by side below its group. */
function Printed<T extends ListedSerial, G extends SerialGroup<T>>({
  columns,
  groups,
  about,
}: SerialListProps<T, G> & { readonly groups: readonly G[] }) {
  return (
    <table className={`table ${css.printed}`}>
      <Columns columns={columns} />
      <tbody>
        {linesOf<T, G>(groups, () => false).map((line) => (
          <Fragment key={line.key}>
            <tr>
              <td>
                <Name line={line} about={about} onToggle={() => {}} />
              </td>
              {columns.map((column) => (
                <Cell key={column.id} column={column} line={line} />
              ))}
            </tr>
            {line.kind === 'alone' ? null : (
              <tr>
                <td colSpan={columns.length + 1}>
                  <ul className={css.members}>
                    {line.group.serials.map((serial) => (
                      <li key={serial.epc}>
                        <SerialLink serial={serial} />
                      </li>
                    ))}
                  </ul>
                </td>
              </tr>
            )}
          </Fragment>
        ))}
      </tbody>
    </table>
  );
}
