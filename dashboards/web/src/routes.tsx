import type { RouteObject } from 'react-router';
import { Home, Lost } from './frame/Home.tsx';

/** Each screen is a file of its own that loads when it is first opened. */
export const routes: RouteObject[] = [
  { index: true, element: <Home /> },
  { path: 'shipments', lazy: async () => ({ Component: (await import('./shipment/Shipments.tsx')).Shipments }) },
  { path: 'shipments/:id', lazy: async () => ({ Component: (await import('./shipment/Shipment.tsx')).Shipment }) },
  { path: 'alerts', lazy: async () => ({ Component: (await import('./alert/Alerts.tsx')).Alerts }) },
  { path: 'alerts/:id', lazy: async () => ({ Component: (await import('./alert/Alert.tsx')).AlertPage }) },
  { path: 'portals', lazy: async () => ({ Component: (await import('./portal/Portals.tsx')).Portals }) },
  { path: 'portals/:id', lazy: async () => ({ Component: (await import('./portal/Portal.tsx')).PortalPage }) },
  { path: 'devices', lazy: async () => ({ Component: (await import('./device/Devices.tsx')).Devices }) },
  { path: 'devices/:id', lazy: async () => ({ Component: (await import('./device/Device.tsx')).DevicePage }) },
  { path: 'serials/:epc', lazy: async () => ({ Component: (await import('./serial/Serial.tsx')).SerialPage }) },
  { path: 'rules', lazy: async () => ({ Component: (await import('./rule/Rules.tsx')).Rules }) },
  { path: 'rules/~new', lazy: async () => ({ Component: (await import('./rule/Rule.tsx')).NewRulePage }) },
  { path: 'rules/:id', lazy: async () => ({ Component: (await import('./rule/Rule.tsx')).RulePage }) },
  { path: 'verify', lazy: async () => ({ Component: (await import('./verify/Verify.tsx')).Verify }) },
  { path: 'recall', lazy: async () => ({ Component: (await import('./recall/Recall.tsx')).Recall }) },
  { path: '*', element: <Lost /> },
];
