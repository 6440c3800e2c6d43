import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { CalibrationInput, CalibrationView, DeviceImport, SwappedView } from '../../../api/index.ts';
import { ask, segment, send, sendText } from '../ask.ts';
import { keys } from '../queries.ts';
import { uploadFile } from '../read-out/upload.ts';

export function useCalibrations(device: string) {
  return useQuery({
    queryKey: ['calibrations', device],
    queryFn: ({ signal }) =>
      ask<{ items: CalibrationView[] }>(`/devices/${segment(device)}/calibrations`, {}, signal).then(
        ({ items }) => items,
      ),
    staleTime: 60_000,
  });
}

/** What the form says; `metric` and times as the API takes them. */
export type CalibrationGiven = Omit<CalibrationInput, 'effectiveFrom'> & { readonly effectiveFrom?: number };

export function useCalibrate(device: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ given, file }: { given: CalibrationGiven; file: File | null }) => {
      const path = `/devices/${segment(device)}/calibrations`;
      if (file === null) return send<CalibrationView | undefined>('POST', path, given);
      return uploadFile<CalibrationView>(path, file, { calibration: JSON.stringify(given) }, () => {});
    },
    onSettled: () => {
      for (const queryKey of [['calibrations', device], keys.device(device), keys.devices, ['suspects', device]]) {
        void client.invalidateQueries({ queryKey });
      }
      void client.invalidateQueries({ queryKey: ['readings', device] });
    },
  });
}

/** Another one takes its place. */
export function useSwap(device: string, shipment: string | null) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (wish: { by: string; from?: number; reason: string }) =>
      send<SwappedView | undefined>('POST', `/devices/${segment(device)}/swap`, wish),
    onSettled: (_answer, _error, { by }) => {
      void client.invalidateQueries({ queryKey: keys.devices });
      for (const one of [device, by]) void client.invalidateQueries({ queryKey: keys.device(one) });
      if (shipment !== null) void client.invalidateQueries({ queryKey: keys.shipment(shipment) });
    },
  });
}

export function useImportDevices() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ text, isDry }: { text: string; isDry: boolean }) =>
      sendText<DeviceImport | undefined>('POST', `/devices.csv${isDry ? '?dryRun=true' : ''}`, text, 'text/csv'),
    onSuccess: (_answer, { isDry }) => {
      if (!isDry) void client.invalidateQueries({ queryKey: keys.devices });
    },
  });
}
