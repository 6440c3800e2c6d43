/**
 * The transaction statement (21 U.S.C. 360eee(27)): what who transfers ownership says of the transaction. Its last member,
 * on the transaction history, has had no object since 27 November 2023.
 */
export const TRANSACTION_STATEMENT: readonly string[] = [
  'is authorized as required under the Drug Supply Chain Security Act;',
  'received the product from a person that is authorized as required under the Drug Supply Chain Security Act;',
  'received transaction information and a transaction statement from the prior owner of the product, as required under section 582;',
  'did not knowingly ship a suspect or illegitimate product;',
  'had systems and processes in place to comply with verification requirements under section 582;',
  'did not knowingly provide false transaction information; and',
  'did not knowingly alter the transaction history.',
];

/** What the members of the statement are about. */
export const STATEMENT_LEAD = 'The entity transferring ownership in the transaction';
