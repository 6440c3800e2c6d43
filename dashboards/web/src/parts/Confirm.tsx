import { Button } from '@mantine/core';
import { useState } from 'react';
import { say } from '../text/say.ts';

interface ConfirmProps {
  /** On the button that asks. */
  readonly name: string;
  /** What it will do, as a question. */
  readonly question: string;
  /** On the button that does it. */
  readonly action: string;
  readonly isPending: boolean;
  readonly onConfirm: () => void;
}

/** A button for what cannot be undone: asks first, and says what it will do. */
export function Confirm({ name, question, action, isPending, onConfirm }: ConfirmProps) {
  const [isAsking, setAsking] = useState(false);
  if (!isAsking) {
    return (
      <Button variant="default" size="xs" onClick={() => setAsking(true)}>
        {name}
      </Button>
    );
  }
  return (
    <fieldset className="buttons">
      <span>{question}</span>
      <Button
        size="xs"
        color="red"
        loading={isPending}
        onClick={() => {
          onConfirm();
          setAsking(false);
        }}
      >
        {action}
      </Button>
      <Button size="xs" variant="subtle" color="gray" onClick={() => setAsking(false)}>
        {say('admin.cancel')}
      </Button>
    </fieldset>
  );
}
