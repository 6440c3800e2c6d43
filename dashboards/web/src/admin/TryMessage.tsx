import { Button, Textarea, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { ExplainedView } from '../../../api/index.ts';
import { send } from '../ask.ts';
import { say } from '../text/say.ts';
import css from './admin.module.css';

/** A message that was refused, as it can be tried again. */
export interface TriedMessage {
  readonly topic: string;
  readonly payload: string;
}

/** Shows what would be taken of a message, by the mappings in use or by one that is being written; nothing is stored. */
export function TryMessage({ of }: { of: TriedMessage }) {
  const [topic, setTopic] = useState(of.topic);
  const [mappings, setMappings] = useState('');
  const explain = useMutation({
    mutationFn: () =>
      send<ExplainedView>('POST', '/messages/explain', {
        ...{ topic, message: of.payload, base64: true },
        ...(mappings.trim() === '' ? {} : { mappings }),
      }),
  });
  return (
    <details className={css.tried}>
      <summary>{say('quarantine.try')}</summary>
      <div className={css.form}>
        <TextInput
          label={say('quarantine.try.topic')}
          value={topic}
          onChange={(event) => setTopic(event.currentTarget.value)}
        />
        <Textarea
          label={say('quarantine.try.mappings')}
          description={say('quarantine.try.mappings.hint')}
          autosize
          minRows={3}
          value={mappings}
          onChange={(event) => setMappings(event.currentTarget.value)}
        />
        <div>
          <Button loading={explain.isPending} onClick={() => explain.mutate()}>
            {say('quarantine.try.do')}
          </Button>
        </div>
        {explain.error === null ? null : <p role="alert">{explain.error.message}</p>}
        {explain.data === undefined ? null : <Explained of={explain.data} />}
      </div>
    </details>
  );
}

function Explained({ of: { readBy, readings, refused } }: { of: ExplainedView }) {
  return (
    <div role="status">
      <p>{readBy === null ? say('quarantine.try.nobody') : say('quarantine.try.by', { name: readBy })}</p>
      <ul>
        {readings.map((reading) => (
          <li key={`${reading.device} ${reading.metric} ${reading.time}`}>
            {say('quarantine.try.taken', {
              ...{ device: reading.device, metric: reading.metric, value: String(reading.value) },
              time: reading.time ?? say('quarantine.try.arrival'),
            })}
          </li>
        ))}
        {refused.map(({ reason, field, detail }) => (
          <li key={`${reason} ${field} ${detail}`}>
            <code>{reason}</code> {detail.startsWith(field) ? '' : field} {detail}
          </li>
        ))}
      </ul>
    </div>
  );
}
