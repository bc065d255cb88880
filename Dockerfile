# Serve boards, or measure: the arguments are those of run_bench.py. docs/containers.md shows both.
FROM python:3.12-slim-bookworm

RUN apt-get update \
 && apt-get install -y --no-install-recommends bubblewrap git make \
 && rm -rf /var/lib/apt/lists/*

WORKDIR /photofinish
# The harness's environment comes first: it is built again only where its lock file changed.
COPY Makefile ./
COPY requirements/ requirements/
# "ray" adds what evaluations on other machines need.
ARG EXTRA=
RUN make .venv/harness/.ready $EXTRA
COPY . .

# The environments of submissions lie in the volume, so that one made on first use is there the next time.
ENV PHOTOFINISH_HOME=/home/photofinish PHOTOFINISH_ENVIRONMENTS=/home/photofinish/stock
RUN make setup
VOLUME /home/photofinish
EXPOSE 8765
ENTRYPOINT ["/photofinish/.venv/harness/bin/python", "/photofinish/run_bench.py"]
CMD ["serve", "--host", "0.0.0.0"]
