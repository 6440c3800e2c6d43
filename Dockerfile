# One image, roles by command: `serve` (default), `gateway`, `simulate`, `user create`, ... (docs/compose.md).
# tests/image.ts runs these steps in a clean folder, without an engine.

FROM node:24.11.0-bookworm-slim AS built
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --omit=dev
COPY . .
RUN npm run build

# PostgreSQL and Node come with other images: what brings them here is left out, and what only builds.
FROM node:24.11.0-bookworm-slim AS modules
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --omit=dev --omit=optional \
    && cd node_modules && rm -rf .bin @mantine @tabler @tanstack @vitejs react-dom rolldown @rolldown vite lightningcss @oxc-project

FROM node:24.11.0-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=modules /app/node_modules node_modules
COPY . .
COPY --from=built /app/dashboards/web/dist dashboards/web/dist
COPY --from=built /app/program program
# Without its sources the page is never built again. `data` is where ISOTHERM_DATA_DIR leads to without saying so; all
# else may be read-only.
RUN rm -r dashboards/web/src dashboards/web/public && mkdir data && chown 1000:1000 data
USER 1000:1000
VOLUME /app/data
EXPOSE 8080 1883
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["node", "-e", "fetch('http://127.0.0.1:8080/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/program/isotherm.js"]
CMD ["serve"]
