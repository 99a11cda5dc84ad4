# The image of smileybot: docker build --tag smileybot .

FROM golang:1.26-alpine AS build
# SQLite is C; git tells `smileybot version` which commit it is.
RUN apk add --no-cache gcc git musl-dev
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
# One static file, which runs on any Linux.
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=1 go build -trimpath -tags=netgo,osusergo,sqlite_omit_load_extension \
    -ldflags='-s -w -buildid= -linkmode=external -extldflags=-static' -o /smileybot ./cmd/smileybot

# Alpine, not an empty image: it has the certificates for Slack, and wget for
# the health check.
FROM alpine:3.22
# The home of the user is the volume, so that the user owns it.
RUN adduser -D -h /data -u 10001 smileybot
COPY --from=build /smileybot /usr/local/bin/smileybot
USER 10001:10001
WORKDIR /data
VOLUME /data
ENV SMILEYBOT_DATABASE=/data/smileybot.db \
    SMILEYBOT_LISTEN=:8080 \
    SMILEYBOT_ADMIN_LISTEN=127.0.0.1:9090
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD wget -q -O /dev/null "http://127.0.0.1:${SMILEYBOT_ADMIN_LISTEN##*:}/healthz"
ENTRYPOINT ["smileybot"]
CMD ["serve"]
