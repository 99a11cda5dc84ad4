# The image of smileybot: docker build --tag smileybot .
# A release: docker build --build-arg VERSION=v1.2.3 --build-arg COMMIT="$(git rev-parse HEAD)" .

FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
# Without VERSION the program shows the version that git has.
ARG VERSION COMMIT TARGETARCH=amd64
RUN if [ "$TARGETARCH" != "$(go env GOHOSTARCH)" ]; then \
      case $TARGETARCH in amd64) arch=x86-64 libc=amd64 ;; *) arch=aarch64 libc=arm64 ;; esac; \
      apt-get update -qq && apt-get install -y -qq --no-install-recommends gcc-$arch-linux-gnu libc6-dev-$libc-cross; \
    fi
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    bash packaging/build.sh "$TARGETARCH" /smileybot && bash packaging/image.sh /smileybot /image

FROM scratch
COPY --from=build /image/etc /etc
COPY --from=build /image/usr /usr
# The user owns the volume; anyone may write temporary files.
COPY --from=build --chown=10001:10001 /image/data /data
COPY --from=build --chmod=1777 /image/tmp /tmp
USER 10001:10001
WORKDIR /data
VOLUME /data
ENV PATH=/usr/bin \
    SMILEYBOT_DATABASE=/data/smileybot.db \
    SMILEYBOT_LISTEN=:8080 \
    SMILEYBOT_ADMIN_LISTEN=127.0.0.1:9090
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["/usr/bin/smileybot", "health"]
ENTRYPOINT ["/usr/bin/smileybot"]
CMD ["serve"]
