# syntax=docker/dockerfile:1
# One image, four roles: web, media, worker and beat differ only in the command (docker-compose.yml).

FROM node:24-bookworm-slim AS frontend
WORKDIR /build/frontend
COPY frontend/package.json frontend/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY frontend/ ./
RUN npm run build

FROM python:3.13-slim-trixie AS packages
COPY requirements/runtime.txt /tmp/runtime.txt
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r /tmp/runtime.txt

FROM python:3.13-slim-trixie
# Root owns the code and a nameless user runs it, so that a hole in the program cannot rewrite the program.
RUN useradd --system --uid 10001 --home-dir /state --create-home telehealth
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY media/ media/
COPY scheduling/ scheduling/
COPY signaling/ signaling/
COPY telehealth/ telehealth/
COPY frontend/templates/ frontend/templates/
COPY frontend/static/ frontend/static/
COPY --from=frontend /build/frontend/dist/ frontend/dist/
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    TELEHEALTH_ENV=production \
    STATE_DIR=/state
# Translations need no secret of the installation; the test settings have none.
RUN TELEHEALTH_ENV=test python -m telehealth compile_translations
USER telehealth
VOLUME /state
EXPOSE 8000
CMD ["python", "-m", "telehealth", "web", "--host", "0.0.0.0", "--port", "8000"]
