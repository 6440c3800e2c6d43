import { IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'react-router';
import type { FoundView } from '../../../api/index.ts';
import { ask } from '../ask.ts';
import { Failed, Loading, Nothing } from '../parts/States.tsx';
import { useTitle } from '../parts/useTitle.ts';
import { say } from '../text/say.ts';
import css from './Found.module.css';
import { alertKindsNamed, type FoundThing, KIND_WORDS, pathOf } from './found.ts';

/** What was found for a name, by kind. */
export function Found() {
  const [search] = useSearchParams();
  const text = search.get('q') ?? '';
  useTitle(say('frame.find', { text }));
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['search', text],
    queryFn: ({ signal }) => ask<{ items: readonly FoundView[] }>('/search', { q: text }, signal),
    enabled: text.trim() !== '',
  });
  if (text.trim() === '') return <Unknown text="" />;
  if (isPending) return <Loading rows={4} />;
  if (data === undefined)
    return (
      <Failed isScreen error={error ?? new Error('')} what={say('frame.whatWasFound')} onRetry={() => void refetch()} />
    );
  const things = [...data.items, ...alertKindsNamed(text)];
  if (things.length === 0) return <Unknown text={text} />;
  const byKind = [...Map.groupBy(things, ({ kind }) => kind)];
  return (
    <>
      <div className="head">
        <h1 className={css.heading}>{say('frame.foundFor', { text })}</h1>
      </div>
      {byKind.map(([kind, items]) => (
        <section key={kind} className={css.kind}>
          <h2>{KIND_WORDS[kind]}</h2>
          <ul className={`panel ${css.list}`}>
            {items.map((item) => (
              <Item key={`${item.kind} ${item.id} ${item.gtin ?? ''}`} item={item} />
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}

/** What their ids are tells nobody anything. */
const NAMELESS: ReadonlySet<FoundThing['kind']> = new Set(['unit', 'alert', 'alert kind']);

function Item({ item }: { item: FoundThing }) {
  const path = pathOf(item);
  return (
    <li className={css.item}>
      {path === null ? <span>{item.name}</span> : <Link to={path}>{item.name}</Link>}
      {item.name === item.id || NAMELESS.has(item.kind) ? null : (
        <span className="muted">{item.kind === 'serial' ? null : item.id}</span>
      )}
      {item.about === null ? null : <span className="muted">{item.about}</span>}
    </li>
  );
}

/** Nothing has this name. */
export function Unknown({ text }: { text: string }) {
  return (
    <Nothing
      level="h1"
      title={text === '' ? say('frame.nothingToLookFor') : say('frame.nothingIsCalled', { text })}
      icon={<IconSearch size={32} stroke={1.4} />}
    >
      {say('frame.lookForAShipmentLot')}
    </Nothing>
  );
}
