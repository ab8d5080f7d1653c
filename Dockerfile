# One image for web, worker, beat and the one-time preparation; the command decides.
# PostgreSQL and Redis are other containers: the embedded servers stay out.
FROM python:3.11-slim AS build
COPY requirements.lock /tmp/requirements.lock
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r /tmp/requirements.lock

FROM python:3.11-slim
# pg_dump and psql for backups and `manage.py dbshell`; the font of every PDF.
RUN apt-get update \
    && apt-get install -y --no-install-recommends fonts-noto-cjk postgresql-client \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --create-home --shell /usr/sbin/nologin opsdesk \
    && install -d -o opsdesk -g opsdesk /data
COPY --from=build /venv /venv
WORKDIR /app
COPY . .
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=opsdesk.settings \
    OPSDESK_DATA_DIR=/data \
    OPSDESK_STATIC_ROOT=/app/build/static
# Into the image, so that every container serves the same files and none writes below /app.
RUN OPSDESK_SECRET_KEY=only-for-this-step python manage.py collect_files
USER opsdesk
VOLUME /data
EXPOSE 8000
CMD ["gunicorn", "opsdesk.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", "--preload", \
     "--timeout", "60", "--graceful-timeout", "20", "--worker-tmp-dir", "/dev/shm", \
     "--max-requests", "5000", "--max-requests-jitter", "500", "--no-control-socket"]
