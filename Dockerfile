# Outrider as an image: docker build -t outrider .   docker run -p 8080:8080 --env-file .env outrider
# With extras: docker build --build-arg EXTRAS=otel,demo .
ARG PYTHON=3.12

FROM python:${PYTHON}-slim AS build
ARG EXTRAS=""
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/outrider
WORKDIR /src
COPY . .
RUN /opt/outrider/bin/pip install ".${EXTRAS:+[$EXTRAS]}"

FROM python:${PYTHON}-slim
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/outrider outrider
COPY --from=build /opt/outrider /opt/outrider
# A container's loopback is out of reach, so it listens on every interface; see OUTRIDER_KEYS and OUTRIDER_ADMIN_KEY.
ENV PATH=/opt/outrider/bin:$PATH PYTHONUNBUFFERED=1 OUTRIDER_HOST=0.0.0.0 OUTRIDER_PORT=8080
USER outrider
WORKDIR /var/lib/outrider
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:%s/healthz' % os.environ['OUTRIDER_PORT'], timeout=2)"]
ENTRYPOINT ["outrider"]
CMD ["serve"]
