# Serve boards, or measure: the arguments are those of run_bench.py. docs/containers.md shows both.
FROM python:3.12-slim-bookworm

RUN apt-get update \
 && apt-get install -y --no-install-recommends bubblewrap git make \
 && rm -rf /var/lib/apt/lists/*

WORKDIR /photofinish
# The environments come first: they are built again only where a lock file changed.
COPY Makefile ./
COPY requirements/ requirements/
RUN make setup
COPY . .

ENV PHOTOFINISH_HOME=/home/photofinish
VOLUME /home/photofinish
EXPOSE 8765
ENTRYPOINT ["/photofinish/.venv/harness/bin/python", "/photofinish/run_bench.py"]
CMD ["serve", "--host", "0.0.0.0"]
