# prumerge serve, with the bundled model. Another model: mount its folder and name it with --model.
FROM node:22-bookworm-slim AS build
WORKDIR /prumerge
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build && npm prune --omit=dev --no-audit --no-fund

FROM node:22-bookworm-slim
ENV NODE_ENV=production
WORKDIR /prumerge
COPY --from=build /prumerge/package.json ./
COPY --from=build /prumerge/node_modules ./node_modules
COPY --from=build /prumerge/dist ./dist
COPY --from=build /prumerge/models/pocket-llava ./models/pocket-llava
USER node
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8000/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# The program takes SIGTERM itself, also as process 1: it drains, and a second one ends it. Under `docker run --init`, or init in
# compose.yaml, that second one does not wait for the model's step under way.
# It listens beyond its container, so it wants keys (--api-key-file /run/secrets/keys) or to be told that none are meant (--no-keys).
ENTRYPOINT ["node", "dist/cli/main.js", "serve", "--host", "0.0.0.0"]
