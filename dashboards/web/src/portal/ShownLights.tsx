import type { PassView } from '../../../api/index.ts';
import { ConditionMark } from '../parts/Marks.tsx';
import { When } from '../parts/When.tsx';
import { Say } from '../text/Say.tsx';
import { say } from '../text/say.ts';
import css from './Portal.module.css';

/** What the door showed by itself while the line was down, and where the platform says otherwise. */
export function ShownLights({ lights }: { lights: PassView['shownLights'] }) {
  if (lights.length === 0) return null;
  const differs = lights.some((light) => light.differs !== null);
  return (
    <section className={`${css.gaps} ${css.shownLights}`} aria-label={say('portal.shownByItself')}>
      <ConditionMark state={differs ? 'excursion' : 'unknown'} size={24} label={null} />
      <ul>
        {lights.map((light) => (
          <li key={light.gateway}>
            {light.differs === null ? null : <p>{light.differs}.</p>}
            <p className={css.shownLightsWhy}>
              <Say
                text="portal.shownBy"
                values={{
                  ...{ light: say(`portal.light.${light.light}`), reason: light.reason },
                  when: <When at={light.at} />,
                }}
              />
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
