# crispd in a container, for amd64 and arm64:
#
#   docker build -t crispd .                                    for this machine
#   docker buildx build --platform linux/amd64,linux/arm64 .    for both
#
# BASE is a Debian or an image made of it, with apt. By default it is Debian 13.7 as it was published on 18
# September 2026, by the digest of its index, which has amd64 and arm64 (from the official list of such digests,
# docker-library/repo-info, repos/debian/remote/13.7-slim.md). A newer one, by digest as well:
#   --build-arg BASE=debian:13-slim@sha256:…
ARG BASE=debian:13.7-slim@sha256:a99cfc517144bc59b1978475ec53b46ecabec7e43635402ee5b77cc54cd1b20a

FROM ${BASE} AS base
RUN apt-get update \
    && apt-get install --yes --no-install-recommends python3 libgomp1 libstdc++6 \
    && rm -rf /var/lib/apt/lists/*

FROM base AS build
RUN apt-get update \
    && apt-get install --yes --no-install-recommends python3-venv ca-certificates \
    && rm -rf /var/lib/apt/lists/*
# Only for pip while it builds; nothing of them is in the last stage.
ARG PIP_INDEX_URL
ARG PIP_CERT
WORKDIR /src
# Not empty: with the models that read text in photos, 31 MB more (TEXT=1 docker compose up -d --build).
ARG TEXT=
COPY requirements.lock requirements-build.lock requirements-text.lock ./
# What builds stays out of what runs: wheels are made in one environment and installed into another.
RUN python3 -m venv /build \
    && /build/bin/pip install --no-cache-dir --require-hashes --requirement requirements-build.lock \
    && /build/bin/pip wheel --no-cache-dir --no-build-isolation --no-deps \
        --require-hashes --requirement requirements.lock --wheel-dir /wheels \
    && if [ -n "$TEXT" ]; then /build/bin/pip wheel --no-cache-dir --no-deps \
        --require-hashes --requirement requirements-text.lock --wheel-dir /wheels; fi
COPY pyproject.toml README.md LICENSE ./
COPY crispd crispd
COPY models/mini models/mini
COPY models/tiny models/tiny
RUN /build/bin/pip wheel --no-cache-dir --no-build-isolation --no-deps --wheel-dir /wheels . \
    && python3 -m venv --without-pip /opt/crispd \
    && /build/bin/pip --python /opt/crispd/bin/python install --no-cache-dir --no-index --no-deps \
        /wheels/*.whl

FROM base
COPY --from=build /opt/crispd /opt/crispd
COPY scripts/container/healthy.py /opt/crispd/healthy.py
RUN groupadd --system --gid 8642 crispd \
    && useradd --system --uid 8642 --gid crispd --home-dir /data --no-create-home crispd \
    && mkdir --mode=700 /data && mkdir /photos && chown crispd:crispd /data
# SQLITE_TMPDIR: SQLite needs a place for large sorts, and without a /tmp that can be written
# (--read-only alone) indexing would stand still.
ENV PATH=/opt/crispd/bin:/usr/bin:/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    SQLITE_TMPDIR=/data \
    CRISPD_DATA_DIR=/data \
    CRISPD_FOLDERS=/photos \
    CRISPD_HOST=0.0.0.0
USER crispd
VOLUME /data
EXPOSE 8642
STOPSIGNAL SIGTERM
# Alive and not ready: a first index of a large library is no reason to be started anew.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python3", "/opt/crispd/healthy.py"]
ENTRYPOINT ["crispd"]
CMD ["serve"]
