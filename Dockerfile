# The service as an image: Python, the locked packages, the code. No compiler, no package manager, no
# shell and no Postgres, and nothing that has to be written but /tmp.
#
# The same commit gives the same image: packages are checked against their hashes, byte code does not
# know the time, and the time in it is the one given (`make image`; or SOURCE_DATE_EPOCH with BuildKit).
ARG BASE=python:3.11-slim-bookworm

FROM ${BASE} AS build
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONHASHSEED=0 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python3 -m venv /opt/venv
COPY requirements-server.lock /tmp/
RUN /opt/venv/bin/python -m pip install --no-compile --only-binary=:all: --require-hashes \
      -r /tmp/requirements-server.lock \
 && /opt/venv/bin/python -m pip uninstall --yes --quiet pip setuptools
COPY app /srv/council-feedback/app
COPY migrations /srv/council-feedback/migrations
COPY LICENSE /srv/council-feedback/
RUN echo /srv/council-feedback > "$(echo /opt/venv/lib/python3.*/site-packages)/here.pth" \
 && printf '#!/opt/venv/bin/python\nfrom app.__main__ import main\n\nmain()\n' > /opt/venv/bin/council-feedback \
 && chmod 755 /opt/venv/bin/council-feedback \
 && python3 -m compileall -q -f --invalidation-mode unchecked-hash /opt/venv/lib /srv/council-feedback

# Of the base's programs only Python stays; dpkg's list does too, for those who scan images.
FROM ${BASE} AS runtime
RUN rm -rf /usr/local/lib/python3*/site-packages/* /usr/lib/python3/dist-packages/* \
      /usr/local/lib/python3*/ensurepip /usr/lib/python3*/ensurepip /usr/share/python-wheels \
      /usr/lib/apt /etc/apt /var/lib/apt /var/cache /var/log /root/.cache \
 && python3 -m compileall -q -f --invalidation-mode unchecked-hash -x '/(test|tests|lib2to3)/' \
      "$(python3 -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')" \
 && echo 'council-feedback:x:10001:10001::/nonexistent:/usr/sbin/nologin' >> /etc/passwd \
 && echo 'council-feedback:x:10001:' >> /etc/group \
 && find /bin/ /sbin/ /usr/bin /usr/sbin /usr/local/bin /usr/local/sbin \
      ! -type d ! -name 'python3*' -delete

FROM scratch
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="council-feedback" \
      org.opencontainers.image.description="Takes in a council's customer feedback, works each case through its procedure, and answers for it in numbers that reconcile." \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=runtime / /
COPY --from=build /opt/venv /opt/venv
COPY --from=build /srv/council-feedback /srv/council-feedback
ENV PATH=/opt/venv/bin:/usr/local/bin:/usr/bin \
    LANG=C.UTF-8 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOST=0.0.0.0 \
    PORT=8000 \
    COUNCIL_FEEDBACK_MODE=production
WORKDIR /srv/council-feedback
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=3s --start-period=20s --retries=3 \
  CMD ["python3", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/livez', timeout=2)"]
ENTRYPOINT ["council-feedback"]
CMD ["serve"]
