/**
 * Who the companies beside us are: names, GLNs, endpoints, keys, and what is agreed with each; and whether they can be
 * reached. Everything else of this room asks here.
 */
export { isGln } from '../../codecs/epc/index.ts';
export { ConnectionTests, type EndpointTest, type StepFound } from './connection-test.ts';
export { keyPrintOf, Partners, type PartnersOptions } from './partners.ts';
export { withoutSecrets } from './told-secrets.ts';
