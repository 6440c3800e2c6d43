import { Button, NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { Secret } from '../admin/Secret.tsx';
import { Confirm } from '../parts/Confirm.tsx';
import { Field } from '../parts/Field.tsx';
import { Failed, Loading, Trouble } from '../parts/States.tsx';
import { When } from '../parts/When.tsx';
import { say } from '../text/say.ts';
import css from './partner.module.css';
import { useCreatePartnerToken, usePartnerTokens, useRevokePartnerToken } from './partner-queries.ts';

/** Days until a token ends; 0 = never. */
const ENDS = [90, 365, 0];

/** What a partner's systems sign in with: made, shown once, revoked. */
export function PartnerTokens({ partner }: { partner: string }) {
  const tokens = usePartnerTokens(partner);
  const create = useCreatePartnerToken(partner);
  const revoke = useRevokePartnerToken(partner);
  const [name, setName] = useState('');
  const [days, setDays] = useState(365);
  return (
    <section className={`panel section ${css.part}`} aria-labelledby="tokens">
      <h2 id="tokens">{say('partner.tokens')}</h2>
      <p className="muted">{say('partner.tokens.hint')}</p>
      {tokens.isPending ? <Loading rows={1} /> : null}
      {tokens.data === undefined && !tokens.isPending ? (
        <Failed
          error={tokens.error ?? new Error('')}
          what={say('partner.tokens')}
          onRetry={() => void tokens.refetch()}
        />
      ) : null}
      {tokens.data?.items.length === 0 ? <p>{say('partner.tokens.none')}</p> : null}
      <ul className={css.rows}>
        {(tokens.data?.items ?? []).map(({ name: token, createdBy, createdAt, expiresAt, lastUsedAt }) => (
          <li key={token}>
            <div>
              <b>{token}</b> <span className="muted">{say('partner.token.made', { by: createdBy })}</span>{' '}
              <When at={createdAt} />
              <div className="muted">
                {expiresAt === null ? (
                  say('partner.token.unending')
                ) : (
                  <>
                    {say('partner.token.ends')} <When at={expiresAt} />
                  </>
                )}
                {', '}
                {lastUsedAt === null ? (
                  say('partner.token.unused')
                ) : (
                  <>
                    {say('partner.token.used')} <When at={lastUsedAt} />
                  </>
                )}
              </div>
            </div>
            <Confirm
              name={say('partner.token.revoke')}
              question={say('partner.token.revoke.sure', { name: token })}
              action={say('partner.token.revoke.do')}
              isPending={revoke.isPending}
              onConfirm={() => revoke.mutate(token)}
            />
          </li>
        ))}
      </ul>
      {create.data === undefined ? null : (
        <Secret
          title={say('partner.token.once', { name: create.data.name })}
          secret={create.data.token}
          onDone={() => create.reset()}
        />
      )}
      <form
        className={css.form}
        onSubmit={(event) => {
          event.preventDefault();
          const wanted = { name: name.trim(), ...(days > 0 && { expires: `${days}d` }) };
          create.mutate(wanted, { onSuccess: () => setName('') });
        }}
      >
        <Field
          label={say('partner.token.name')}
          hint={say('partner.token.name.hint')}
          required
          maxLength={64}
          autoCapitalize="none"
          spellCheck={false}
          value={name}
          onChange={setName}
        />
        <NativeSelect
          label={say('tokens.expires')}
          value={String(days)}
          data={ENDS.map((end) => ({
            value: String(end),
            label: end === 0 ? say('tokens.expires.never') : say('tokens.expires.days', { days: end }),
          }))}
          onChange={(event) => setDays(Number(event.currentTarget.value))}
        />
        <Trouble error={create.error ?? revoke.error} />
        <div className="buttons">
          <Button type="submit" variant="default" loading={create.isPending} disabled={name.trim() === ''}>
            {say('partner.token.make')}
          </Button>
        </div>
      </form>
    </section>
  );
}
