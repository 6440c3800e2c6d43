import type { ComponentType, ReactNode } from 'react';
import { later } from './later.tsx';
import { UnloadedPart } from './UnloadedPart.tsx';

/**
 * A part of a screen whose file loads when it is first shown. One that does not come says so in its place and leaves the screen, with what
 * has been typed there, as it is; `lazy` of React would break the whole of it.
 *
 * @param load imports the part's file and gives its component
 * @param waiting what stands in its place until it has come
 */
export function part<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  waiting: (props: Props) => ReactNode = () => null,
): ComponentType<Props> {
  return later(load, waiting, (error) => <UnloadedPart error={error} />);
}
