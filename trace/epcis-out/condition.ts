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

/** Whether an event has what a JSON path finds. @param variables of the path */
export function exists(json: string, variables: object, bind: Bind): string {
  return `jsonb_path_exists_tz(event::jsonb, ${bind(json)}::jsonpath, ${bind(JSON.stringify(variables))}::jsonb, true)`;
}
