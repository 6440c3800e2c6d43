import { TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { useNavigate } from 'react-router';
import type { FoundView } from '../../../api/index.ts';
import { ask } from '../ask.ts';
import { say } from '../text/say.ts';
import css from './Frame.module.css';
import { alertKindsNamed, pathOf } from './found.ts';

/** One field for everything that has a name, whatever the name is one of. What is found alone is shown at once. */
export function Find() {
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const [trouble, setTrouble] = useState<string | null>(null);

  async function find(event: FormEvent) {
    event.preventDefault();
    const wanted = text.trim();
    if (wanted === '') return;
    setTrouble(null);
    try {
      const { items } = await ask<{ items: readonly FoundView[] }>('/search', { q: wanted });
      const things = [...items, ...alertKindsNamed(wanted)];
      const [only] = things;
      const path = only !== undefined && things.length === 1 ? pathOf(only) : null;
      setText('');
      await navigate(path ?? `/find?q=${encodeURIComponent(wanted)}`);
    } catch (error) {
      setTrouble(error instanceof Error ? error.message : say('frame.theServerCannotBeReached'));
    }
  }

  return (
    <form className={css.find} onSubmit={(event) => void find(event)}>
      <TextInput
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setTrouble(null);
        }}
        placeholder={say('frame.shipmentLotSerialLogger')}
        aria-label={say('frame.findAShipmentLotProduct')}
        leftSection={<IconSearch size={16} stroke={1.6} />}
        size="sm"
        error={trouble}
        type="search"
      />
    </form>
  );
}
