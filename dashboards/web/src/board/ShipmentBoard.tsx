import { Link } from 'react-router';
import type { BoardLane, ConditionState, ShipmentBoardView, ShipmentCard } from '../../../api/index.ts';
import { ConditionMark, conditionText } from '../parts/Marks.tsx';
import { isLikelyLate } from '../shipment/Eta.tsx';
import { STATE_WORDS, STATES_BY_URGENCY } from '../shipment/state-words.ts';
import { say } from '../text/say.ts';
import { count } from '../words/figures.ts';
import { weekday } from '../words/when.ts';
import css from './ShipmentBoard.module.css';

/** Shipments by lane and state: where trouble gathers. On a phone each lane is a card of the states that it has. */
export function ShipmentBoard({ board }: { board: ShipmentBoardView }) {
  return (
    <div className={`panel ${css.board}`}>
      <table className={css.table}>
        <thead>
          <tr>
            <th scope="col">{say('board.lane')}</th>
            {STATES_BY_URGENCY.map((state) => (
              <th key={state} scope="col">
                <ConditionMark state={state} size={15} label={null} /> {STATE_WORDS[state]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {board.lanes.map((lane) => (
            <LaneRow key={`${lane.origin.id} ${lane.destination.id}`} lane={lane} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function LaneRow({ lane }: { lane: BoardLane }) {
  const { origin, destination, likelyLate, counts, first } = lane;
  return (
    <tr>
      <th scope="row">
        <Link to={listOf(lane, null)}>{say('board.way', { origin: origin.name, destination: destination.name })}</Link>
        {likelyLate > 0 ? (
          <span className={`ink-warning ${css.late}`}>{say('board.likelyLate', { count: likelyLate })}</span>
        ) : null}
      </th>
      {STATES_BY_URGENCY.map((state) => (
        <td key={state} data-empty={counts[state] === 0}>
          {counts[state] === 0 ? (
            <span className="muted" aria-hidden="true">
              –
            </span>
          ) : (
            <Cell
              lane={lane}
              state={state}
              cards={first.filter(({ condition }) => condition.state === state)}
              total={counts[state]}
            />
          )}
        </td>
      ))}
    </tr>
  );
}

/** How many, and the first of them; the others are in the list. */
function Cell({
  lane,
  state,
  cards,
  total,
}: {
  lane: BoardLane;
  state: ConditionState;
  cards: readonly ShipmentCard[];
  total: number;
}) {
  return (
    <>
      <Link
        to={listOf(lane, state)}
        className={`figure ${css.count} ink-${state}`}
        aria-label={say('board.cell', {
          ...{ count: total, state: STATE_WORDS[state] },
          ...{ origin: lane.origin.name, destination: lane.destination.name },
        })}
      >
        <ConditionMark state={state} size={15} label={null} /> {count(total)}{' '}
        <span className={css.state}>{STATE_WORDS[state]}</span>
      </Link>
      <ul className={css.cards}>
        {cards.map((card) => (
          <li key={card.id}>
            <Link to={`/shipments/${encodeURIComponent(card.id)}`} title={conditionText(card.condition)}>
              {card.id}
            </Link>
            <ArrivesText card={card} zone={lane.destination.zone} />
          </li>
        ))}
        {total > cards.length ? (
          <li>
            <Link to={listOf(lane, state)} className="muted">
              {say('board.next.more', { count: total - cards.length })}
            </Link>
          </li>
        ) : null}
      </ul>
    </>
  );
}

function ArrivesText({ card: { eta, arrives }, zone }: { card: ShipmentCard; zone: string | null }) {
  const at = eta?.at ?? arrives;
  if (at === null) return null;
  const isLate = eta !== null && isLikelyLate(eta);
  return (
    <span className={isLate ? 'ink-warning' : 'muted'}>
      {isLate ? say('board.lateAt', { at: weekday(Date.parse(at), zone) }) : weekday(Date.parse(at), zone)}
    </span>
  );
}

function listOf({ origin, destination }: BoardLane, state: ConditionState | null): string {
  const search = new URLSearchParams({ origin: origin.id, destination: destination.id });
  if (state !== null) search.set('condition', state);
  return `/shipments?${search}`;
}
