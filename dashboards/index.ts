/**
 * What people see: the HTTP API, the live sockets, and the page. In: questions, shipment notices, decisions about
 * alerts; the log's readings and the database's notifications. Out: answers as the contracts in `api/` say, pushes to
 * browsers, facts appended to the log. It must never decide what a reading means, nor keep anything of its own that
 * another room could not tell it again.
 */
export { openApiDocument } from './api/index.ts';
export { buildPage, ensurePage } from './page-build.ts';
export { type CallTool, mcpServer } from './server/assistant/mcp-server.ts';
export { type CaseKeeping, type CaseKeepingSources, caseKeeping } from './server/case-keeping.ts';
export { type ConnectionLimits, Connections } from './server/connections.ts';
export { type DecommissionDesk, decommissionDesk } from './server/decommission-desk.ts';
export { type ExceptionTelling, type ExceptionTellingSources, exceptionTelling } from './server/exception-telling.ts';
export { givenReadiness } from './server/given-readiness.ts';
export { givenRecord } from './server/given-records.ts';
export type { GatewayHeard, HealthSource } from './server/health-source.ts';
export { DASHBOARDS_METRICS } from './server/metrics.ts';
export type { PracticeMode, PracticeSource } from './server/practice.ts';
export type { Readiness } from './server/readiness.ts';
export type { Explain, ReceivedMessage, TakeIn } from './server/reception.ts';
export { ISSUED_FILE, unissued } from './server/report/issued.ts';
export { LEDGER_FILE } from './server/report/ledger-section.ts';
export { renderReport } from './server/report/render.ts';
export type { Report, ReportBlock, ReportFile } from './server/report/report.ts';
export { type Mode, type RetentionSource, type ServiceSources, type Services, webServices } from './server/services.ts';
export { WebServer, type WebServerOptions } from './server/web-server.ts';
