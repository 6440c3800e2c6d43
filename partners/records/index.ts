/**
 * Transaction information and statements under the Drug Supply Chain Security Act, for serials, lots, shipments and
 * periods. What is not known is said to be missing, never guessed.
 */
export { type ProductLabel, ProductLabels } from './product-labels.ts';
export { STATEMENT_LEAD, TRANSACTION_STATEMENT } from './statement.ts';
export type { Transaction, TransactionLine, TransactionParty, TransactionQuery } from './transaction.ts';
export { OWN_PARTY, type StatedTransaction, Transactions, type TransactionsOptions } from './transactions.ts';
