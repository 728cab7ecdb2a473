# Warren's push server. From the top of the checkout: docker build -f packaging/pnserver.dockerfile -t warren-pnserver .
# docs/pnserver.md says how to run it.
FROM node:24-slim AS packages
WORKDIR /opt/warren
COPY package.json package-lock.json ./
# The image has its own Node: the one that the package carries is optional.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

FROM node:24-slim
WORKDIR /opt/warren
COPY --from=packages /opt/warren/node_modules node_modules
COPY package.json LICENSE ./
COPY protocol protocol
COPY pnserver pnserver
RUN install -d -o node -g node -m 700 /var/lib/pnserver
USER node
ENV WARREN_PN_HOST=0.0.0.0 WARREN_PN_DATA=/var/lib/pnserver NODE_ENV=production
VOLUME /var/lib/pnserver
EXPOSE 7719
HEALTHCHECK CMD ["node", "-e", "fetch('http://127.0.0.1:7720/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "--disable-warning=ExperimentalWarning", "pnserver/main.ts"]
