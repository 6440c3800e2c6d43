import { TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { useNavigate } from 'react-router';
import { AnswerError, ask, segment } from '../ask.ts';
import css from './Frame.module.css';

const KINDS = [
  { path: '/shipments', isIt: (text: string) => !looksLikeEpc(text) },
  { path: '/devices', isIt: (text: string) => !looksLikeEpc(text) },
  { path: '/serials', isIt: () => true },
] as const;

/** One field for everything that has a name: a shipment, a logger, a serial as URN, Digital Link or tag memory. */
export function Find() {
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const [trouble, setTrouble] = useState<string | null>(null);

  async function find(event: FormEvent) {
    event.preventDefault();
    const wanted = text.trim();
    if (wanted === '') return;
    setTrouble(null);
    for (const { path, isIt } of KINDS) {
      if (!isIt(wanted)) continue;
      try {
        await ask(`${path}/${segment(wanted)}`);
      } catch (error) {
        if (error instanceof AnswerError && error.status < 500) continue;
        setTrouble('Isotherm cannot be reached');
        return;
      }
      setText('');
      await navigate(`${path}/${segment(wanted)}`);
      return;
    }
    setTrouble('Nothing by that name');
  }

  return (
    <form className={css.find} onSubmit={(event) => void find(event)}>
      <TextInput
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setTrouble(null);
        }}
        placeholder="Shipment, logger or serial"
        aria-label="Find a shipment, logger or serial"
        leftSection={<IconSearch size={16} stroke={1.6} />}
        size="sm"
        error={trouble}
        type="search"
      />
    </form>
  );
}

function looksLikeEpc(text: string): boolean {
  return /^(urn:epc:|https?:|\(01\)|[0-9A-Fa-f]{24,}$)/.test(text);
}
