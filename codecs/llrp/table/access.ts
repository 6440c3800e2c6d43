import type { Definitions } from './definition.ts';

/** Access operations: reading and writing tag memory (clause 16.2.5). */
export const access = {
  AccessSpec: {
    number: 207,
    fields: {
      AccessSpecID: 'u32',
      AntennaID: 'u16',
      ProtocolID: 'u8',
      CurrentState: 'u1',
      _: 'reserved7',
      ROSpecID: 'u32',
    },
    parameters: ['AccessSpecStopTrigger', 'AccessCommand', 'AccessReportSpec?', 'Custom*'],
  },
  AccessSpecStopTrigger: {
    number: 208,
    fields: { AccessSpecStopTrigger: 'u8', OperationCountValue: 'u16' },
    parameters: [],
  },
  AccessCommand: {
    number: 209,
    fields: {},
    parameters: [
      'C1G2TagSpec',
      'C1G2Read|C1G2Write|C1G2Kill|C1G2Lock|C1G2BlockErase|C1G2BlockWrite|Custom+',
      'Custom*',
    ],
  },
} as const satisfies Definitions;
