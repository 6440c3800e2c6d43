import {
  ACCESS_REPORT_TRIGGER,
  ACCESS_STOP_TRIGGER,
  GEN2,
  MEMORY_BANK,
  type ParameterOf,
  parametersOf,
} from '../codecs/llrp/index.ts';
import { IsothermError } from '../domain/index.ts';
import type { LlrpClient } from './client.ts';

/**
 * Has every tag asked for its own number while it is counted (LLRP 1.0.1, clause 12.2.1): words of TID memory from its
 * beginning; the answer comes in the tag reports of the ROSpec. Its id is that of the ROSpec it belongs to.
 */
export function buildAccessSpec(rospec: number, words: number): ParameterOf<'AccessSpec'> {
  const nothing = { bits: 0, hex: '' };
  return {
    name: 'AccessSpec',
    AccessSpecID: rospec,
    // On every antenna.
    AntennaID: 0,
    ProtocolID: GEN2,
    CurrentState: 0,
    ROSpecID: rospec,
    parameters: [
      {
        name: 'AccessSpecStopTrigger',
        AccessSpecStopTrigger: ACCESS_STOP_TRIGGER.none,
        OperationCountValue: 0,
      },
      {
        name: 'AccessCommand',
        parameters: [
          {
            name: 'C1G2TagSpec',
            // A mask of no bits: every tag.
            parameters: [
              {
                ...{ name: 'C1G2TargetTag', MB: MEMORY_BANK.epc, Match: true, Pointer: 0 },
                ...{ TagMask: nothing, TagData: nothing },
              },
            ],
          },
          {
            ...{ name: 'C1G2Read', OpSpecID: 1, AccessPassword: 0, MB: MEMORY_BANK.tid },
            ...{ WordPointer: 0, WordCount: words },
          },
        ],
      },
      { name: 'AccessReportSpec', AccessReportTrigger: ACCESS_REPORT_TRIGGER.withRoReport },
    ],
  };
}

/**
 * Brings a reader to read TIDs with an ROSpec that it has. What runs as wanted is left running; others are removed.
 *
 * @returns why it does not, where the reader refuses or does not answer: it reads on without
 * @throws {UnavailableError} LLRP_CONNECTION_LOST
 */
export async function reconcileAccess(
  client: LlrpClient,
  wanted: ParameterOf<'AccessSpec'>,
): Promise<IsothermError | null> {
  const { AccessSpecID } = wanted;
  try {
    const present = parametersOf(await client.must({ name: 'GET_ACCESSSPECS' }), 'AccessSpec');
    for (const other of present.filter((one) => one.AccessSpecID !== AccessSpecID)) {
      await client.must({ name: 'DELETE_ACCESSSPEC', AccessSpecID: other.AccessSpecID });
    }
    const ours = present.find((one) => one.AccessSpecID === AccessSpecID);
    if (ours === undefined) await client.must({ name: 'ADD_ACCESSSPEC', parameters: [wanted] });
    if (ours?.CurrentState !== 1) await client.must({ name: 'ENABLE_ACCESSSPEC', AccessSpecID });
    return null;
  } catch (error) {
    if (error instanceof IsothermError && REFUSALS.has(error.code)) return error;
    throw error;
  }
}

const REFUSALS: ReadonlySet<string> = new Set(['LLRP_REFUSED', 'LLRP_TIMEOUT']);
