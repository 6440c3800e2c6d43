import { Button, Textarea } from '@mantine/core';
import { useState } from 'react';
import type { DryRunView, SystemView } from '../../../api/index.ts';
import css from '../admin/admin.module.css';
import { Field } from '../parts/Field.tsx';
import { faultAt, faultElsewhere } from '../parts/faults.ts';
import { Trouble } from '../parts/States.tsx';
import { say } from '../text/say.ts';
import { useDryRun, usePutSystem } from './system-queries.ts';

/** The mapping file of a system, with a dry run before it is kept. */
export function SystemForm({ system, onDone }: { system: SystemView | null; onDone: () => void }) {
  const put = usePutSystem();
  const [id, setId] = useState(system?.id ?? '');
  const [mapping, setMapping] = useState(system?.mapping ?? say('systems.mapping.example'));
  const [secret, setSecret] = useState('');
  const [content, setContent] = useState('');
  const tried = useDryRun(id.trim() === '' ? 'new' : id.trim());
  return (
    <form
      className={`panel section ${css.form}`}
      onSubmit={(event) => {
        event.preventDefault();
        put.mutate({ id: id.trim(), mapping, ...(secret === '' ? {} : { secret }) }, { onSuccess: onDone });
      }}
    >
      <h2>{system === null ? say('systems.add') : say('systems.edit', { id: system.id })}</h2>
      {system === null ? (
        <Field
          label={say('systems.id')}
          hint={say('systems.id.hint')}
          fault={faultAt(put.error, 'id')}
          required
          maxLength={32}
          autoCapitalize="none"
          spellCheck={false}
          value={id}
          onChange={setId}
        />
      ) : null}
      <Textarea
        label={say('systems.mapping')}
        description={say('systems.mapping.hint')}
        autosize
        minRows={8}
        maxRows={24}
        spellCheck={false}
        styles={{ input: { fontFamily: 'monospace' } }}
        value={mapping}
        onChange={(event) => setMapping(event.currentTarget.value)}
      />
      <Field
        label={say('systems.secret')}
        hint={say('systems.secret.hint')}
        fault={faultAt(put.error, 'secret')}
        type="password"
        autoComplete="new-password"
        maxLength={500}
        value={secret}
        onChange={setSecret}
      />
      <Textarea
        label={say('systems.try.file')}
        description={say('systems.try.hint')}
        minRows={4}
        maxRows={12}
        autosize
        spellCheck={false}
        styles={{ input: { fontFamily: 'monospace' } }}
        value={content}
        onChange={(event) => setContent(event.currentTarget.value)}
      />
      <Trouble error={faultElsewhere(put.error, ['id', 'secret'])} />
      <div className="buttons">
        <Button type="submit" loading={put.isPending}>
          {say('systems.save')}
        </Button>
        <Button
          variant="default"
          loading={tried.isPending}
          disabled={content.trim() === ''}
          onClick={() => tried.mutate({ mapping, content })}
        >
          {say('systems.try')}
        </Button>
        <Button variant="subtle" color="gray" onClick={onDone}>
          {say('systems.cancel')}
        </Button>
      </div>
      <Trouble error={tried.error} />
      {tried.data === undefined ? null : <Tried run={tried.data} />}
    </form>
  );
}

/** What would become of the file: each document with what the mapping made of it, or what is wrong, and where. */
function Tried({ run: { fault, documents } }: { run: DryRunView }) {
  if (fault !== null) {
    return (
      <p role="alert" className="trouble">
        {say('systems.try.fault', { fault })}
      </p>
    );
  }
  return (
    <div role="status">
      <p>{say('systems.try.well', { count: documents.length })}</p>
      {documents.slice(0, 20).map(({ kind, number, becomes, note, made }) => (
        <details key={`${kind} ${number}`}>
          <summary>
            {say('systems.document', { kind, number })} · {say(`systems.becomes.${becomes}`)}
            {note === null ? '' : ` · ${note}`}
          </summary>
          <pre className="scroll">{JSON.stringify(made, null, 2).slice(0, 20_000)}</pre>
        </details>
      ))}
    </div>
  );
}
