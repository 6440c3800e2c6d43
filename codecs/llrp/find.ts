import type { Parameter, ParameterName } from './table.ts';

interface Holder {
  readonly parameters?: readonly Parameter[];
}

type Named<N extends ParameterName> = Extract<Parameter, { readonly name: N }>;

/** The first parameter of that name directly under `holder`. */
export function parameterOf<N extends ParameterName>(holder: Holder, name: N): Named<N> | undefined {
  return holder.parameters?.find((parameter): parameter is Named<N> => parameter.name === name);
}

/** All parameters of that name directly under `holder`, in wire order. */
export function parametersOf<N extends ParameterName>(holder: Holder, name: N): Named<N>[] {
  return (holder.parameters ?? []).filter((parameter): parameter is Named<N> => parameter.name === name);
}
