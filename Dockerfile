# treeport alone, for folders that are mounted and for buckets: docker run -v "$PWD:/work" treeport convert models/ --to onnx --out converted/
FROM golang:1.26 AS build
ARG VERSION=devel
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -tags disable_grpc_modules,noonnxruntime -ldflags "-s -w -X github.com/seed-2867d59c/treeport/convert.version=$VERSION" -o /out/treeport ./cmd/treeport \
    && mkdir -m 1777 /out/tmp

FROM scratch
# Buckets are asked over TLS, and files of buckets lie in /tmp while they are read.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/ /
USER 65532:65532
WORKDIR /work
ENTRYPOINT ["/treeport"]
