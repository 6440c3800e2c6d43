/** Puts a value beside the query and says its name there. */
export type Bind = (value: unknown) => string;

/** One parameter of the SimpleEventQuery as it was given: alternatives. */
export interface Given {
  readonly name: string;
  readonly values: readonly string[];
  readonly bind: Bind;
}

/** What a parameter asks, as SQL. */
export type Condition = (given: Given) => string;
