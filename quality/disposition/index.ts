/** What is proposed to become of goods: a pure function of what they went through and what they stand. */
export { type DispositionTestOutcome, runDispositionTests } from './disposition-tests.ts';
export { type DispositionInput, type Proposal, propose } from './proposal.ts';
