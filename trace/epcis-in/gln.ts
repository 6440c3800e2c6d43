export { glnOf, isGln } from '../../codecs/epc/index.ts';
