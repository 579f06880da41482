# syntax=docker/dockerfile:1

FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
# No install scripts: the image brings its own Node, and its PostgreSQL is another container, so neither is fetched.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json ./
COPY admin ./admin
COPY embed ./embed
RUN npm run prepare && npm prune --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

FROM node:24-slim
ENV NODE_ENV=production HOST=0.0.0.0
WORKDIR /app
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/admin/dist ./admin/dist
COPY --from=build /app/embed/dist ./embed/dist
COPY package.json ./
COPY emails ./emails
COPY src ./src
COPY workers ./workers
# Owned by root and never written to: it runs on a read-only file system.
USER node
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 3000}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "src/web.ts"]
