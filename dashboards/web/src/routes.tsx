import type { RouteObject } from 'react-router';
import { Home, Lost } from './pages/Home.tsx';

/** Each screen is a file of its own that loads when it is first opened. */
export const routes: RouteObject[] = [
  { index: true, element: <Home /> },
  { path: 'shipments', lazy: async () => ({ Component: (await import('./pages/Shipments.tsx')).Shipments }) },
  { path: 'shipments/:id', lazy: async () => ({ Component: (await import('./pages/Shipment.tsx')).Shipment }) },
  { path: 'alerts', lazy: async () => ({ Component: (await import('./pages/Alerts.tsx')).Alerts }) },
  { path: 'alerts/:id', lazy: async () => ({ Component: (await import('./pages/Alert.tsx')).AlertPage }) },
  { path: 'portals', lazy: async () => ({ Component: (await import('./pages/Portals.tsx')).Portals }) },
  { path: 'portals/:id', lazy: async () => ({ Component: (await import('./pages/Portal.tsx')).PortalPage }) },
  { path: 'devices', lazy: async () => ({ Component: (await import('./pages/Devices.tsx')).Devices }) },
  { path: 'devices/:id', lazy: async () => ({ Component: (await import('./pages/Device.tsx')).DevicePage }) },
  { path: 'serials/:epc', lazy: async () => ({ Component: (await import('./pages/Serial.tsx')).SerialPage }) },
  { path: 'rules', lazy: async () => ({ Component: (await import('./pages/Rules.tsx')).Rules }) },
  { path: 'rules/~new', lazy: async () => ({ Component: (await import('./pages/Rule.tsx')).NewRulePage }) },
  { path: 'rules/:id', lazy: async () => ({ Component: (await import('./pages/Rule.tsx')).RulePage }) },
  { path: 'verify', lazy: async () => ({ Component: (await import('./pages/Verify.tsx')).Verify }) },
  { path: 'recall', lazy: async () => ({ Component: (await import('./pages/Recall.tsx')).Recall }) },
  { path: '*', element: <Lost /> },
];
