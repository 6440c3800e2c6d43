import type { ComponentType } from 'react';
import type { RouteObject } from 'react-router';
import { Broken } from './frame/Broken.tsx';
import { Home, Lost } from './frame/Home.tsx';
import { screen } from './frame/screen.tsx';
import { withFarTexts } from './text/say.ts';

/** One whose words are not among those of the first load. */
const later = (load: () => Promise<ComponentType>) => screen(withFarTexts(load));

/** Each screen is a file of its own that loads when it is first opened. */
const screens: RouteObject[] = [
  { index: true, element: <Home /> },
  { path: 'shipments', Component: screen(async () => (await import('./shipment/Shipments.tsx')).Shipments) },
  { path: 'shipments/~new', Component: screen(async () => (await import('./announce/NewShipment.tsx')).NewShipment) },
  { path: 'shipments/:id', Component: screen(async () => (await import('./shipment/Shipment.tsx')).Shipment) },
  {
    path: 'shipments/:id/labels',
    Component: screen(async () => (await import('./shipment/ShipmentLabels.tsx')).ShipmentLabels),
  },
  { path: 'lanes', Component: screen(async () => (await import('./lane/Lanes.tsx')).Lanes) },
  {
    path: 'lanes/:origin/:destination',
    Component: screen(async () => (await import('./lane/LanePage.tsx')).LanePage),
  },
  { path: 'alerts', Component: screen(async () => (await import('./alert/Alerts.tsx')).Alerts) },
  { path: 'alerts/:id', Component: screen(async () => (await import('./alert/Alert.tsx')).AlertPage) },
  { path: 'cases', Component: screen(async () => (await import('./case/Cases.tsx')).Cases) },
  { path: 'cases/:id', Component: screen(async () => (await import('./case/Case.tsx')).CasePage) },
  { path: 'portals', Component: screen(async () => (await import('./portal/Portals.tsx')).Portals) },
  { path: 'portals/:id', Component: screen(async () => (await import('./portal/Portal.tsx')).PortalPage) },
  { path: 'devices', Component: screen(async () => (await import('./device/Devices.tsx')).Devices) },
  { path: 'devices/~read-out', Component: screen(async () => (await import('./read-out/ReadOut.tsx')).ReadOut) },
  { path: 'devices/:id', Component: screen(async () => (await import('./device/Device.tsx')).DevicePage) },
  { path: 'serials/:epc', Component: screen(async () => (await import('./serial/Serial.tsx')).SerialPage) },
  { path: 'serials/:epc/label', Component: screen(async () => (await import('./serial/Label.tsx')).LabelPage) },
  // What codes on packs and units lead to.
  ...['01/*', '00/*'].map((path) => ({
    path,
    Component: screen(async () => (await import('./frame/DigitalLink.tsx')).DigitalLink),
  })),
  { path: 'rules', Component: screen(async () => (await import('./rule/Rules.tsx')).Rules) },
  { path: 'rules/~new', Component: screen(async () => (await import('./rule/Rule.tsx')).NewRulePage) },
  { path: 'rules/:id', Component: screen(async () => (await import('./rule/Rule.tsx')).RulePage) },
  { path: 'find', Component: screen(async () => (await import('./frame/Found.tsx')).Found) },
  { path: 'verify', Component: screen(async () => (await import('./verify/Verify.tsx')).Verify) },
  { path: 'returns', Component: screen(async () => (await import('./verify/Returns.tsx')).Returns) },
  {
    path: 'decommission',
    Component: later(async () => (await import('./verify/Decommission.tsx')).Decommission),
  },
  { path: 'recall', Component: screen(async () => (await import('./recall/Recall.tsx')).Recall) },
  { path: 'practice', Component: screen(async () => (await import('./practice/Practice.tsx')).Practice) },
  { path: 'signing', Component: screen(async () => (await import('./case/Signing.tsx')).Signing) },
  { path: 'account', Component: later(async () => (await import('./admin/Account.tsx')).Account) },
  { path: 'admin/setup', Component: later(async () => (await import('./admin/SetUp.tsx')).SetUp) },
  {
    path: 'admin/organisation',
    Component: later(async () => (await import('./admin/Organisation.tsx')).Organisation),
  },
  { path: 'admin/places', Component: later(async () => (await import('./admin/Places.tsx')).Places) },
  { path: 'admin/portals', Component: later(async () => (await import('./admin/Doors.tsx')).Doors) },
  { path: 'admin/products', Component: later(async () => (await import('./admin/Products.tsx')).Products) },
  { path: 'admin/systems', Component: later(async () => (await import('./system/Systems.tsx')).Systems) },
  { path: 'admin/partners', Component: later(async () => (await import('./partner/Partners.tsx')).Partners) },
  {
    path: 'admin/partners/:id',
    Component: later(async () => (await import('./partner/Partner.tsx')).PartnerPage),
  },
  { path: 'admin/markets', Component: later(async () => (await import('./market/Markets.tsx')).Markets) },
  { path: 'admin/markets/:id', Component: later(async () => (await import('./market/Market.tsx')).MarketPage) },
  {
    path: 'admin/markets/:id/readiness',
    Component: later(async () => (await import('./market/Readiness.tsx')).ReadinessPage),
  },
  { path: 'admin/exceptions', Component: later(async () => (await import('./exception/Exceptions.tsx')).Exceptions) },
  {
    path: 'admin/exceptions/:id',
    Component: later(async () => (await import('./exception/Exception.tsx')).ExceptionPage),
  },
  { path: 'admin/records', Component: later(async () => (await import('./record/Records.tsx')).Records) },
  { path: 'admin/channels', Component: later(async () => (await import('./admin/Channels.tsx')).Channels) },
  { path: 'admin/routing', Component: later(async () => (await import('./routing/Routing.tsx')).Routing) },
  {
    path: 'admin/statistics',
    Component: later(async () => (await import('./routing/Statistics.tsx')).Statistics),
  },
  { path: 'admin/silences', Component: later(async () => (await import('./routing/Silences.tsx')).Silences) },
  { path: 'admin/health', Component: later(async () => (await import('./admin/Health.tsx')).Health) },
  { path: 'admin/users', Component: later(async () => (await import('./admin/Users.tsx')).Users) },
  { path: 'admin/roles', Component: later(async () => (await import('./admin/Roles.tsx')).Roles) },
  { path: 'admin/tokens', Component: later(async () => (await import('./admin/Tokens.tsx')).Tokens) },
  { path: 'admin/credentials', Component: later(async () => (await import('./admin/Credentials.tsx')).Credentials) },
  { path: 'admin/quarantine', Component: later(async () => (await import('./admin/Quarantine.tsx')).Quarantine) },
  { path: 'admin/holds', Component: later(async () => (await import('./admin/Holds.tsx')).Holds) },
  { path: 'admin/retention', Component: later(async () => (await import('./admin/Retention.tsx')).Retention) },
  { path: 'admin/audit', Component: later(async () => (await import('./admin/Audit.tsx')).Audit) },
  {
    path: 'admin/audit-review',
    Component: later(async () => (await import('./admin/AuditReview.tsx')).AuditReview),
  },
  { path: '*', element: <Lost /> },
];

/** A screen that cannot be drawn leaves the frame around it as it is. */
export const routes: RouteObject[] = [{ errorElement: <Broken />, children: screens }];

/** Screens that hang somewhere and do one thing: without the menu around them. */
export const lone: RouteObject[] = [
  // What customers see by a link.
  {
    path: 'shared/:token',
    Component: screen(async () => (await import('./share/SharedShipment.tsx')).SharedShipment),
  },
  {
    path: '/practice/enter',
    Component: screen(async () => (await import('./practice/EnterPractice.tsx')).EnterPractice),
  },
  // What a partner sees and answers by a link.
  { path: 'answer/:token', Component: later(async () => (await import('./exception/Answer.tsx')).Answer) },
  { path: '/dock/:portal', Component: screen(async () => (await import('./dock/DockPage.tsx')).DockPage) },
];
