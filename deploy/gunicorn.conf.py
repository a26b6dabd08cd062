"""gunicorn behind a proxy on the same host; GUNICORN_CMD_ARGS adds to or overrides what stands here."""

from pathlib import Path

from fund.project import logs

MEMORY = Path("/dev/shm")  # noqa: S108  for the heartbeat's file: a slow disk would look like a dead worker

bind = "127.0.0.1:8000"
workers = 2
worker_class = "fund.project.bounds.web_worker.Worker"  # threads, and one for the probe
threads = 4
timeout = 60
graceful_timeout = 30
keepalive = 5
max_requests = 5000
max_requests_jitter = 500
worker_tmp_dir = str(MEMORY) if MEMORY.is_dir() else None
control_socket_disable = True  # it would stand in a home that the service does not have
limit_request_line = 4094
limit_request_fields = 60

# Our own middleware writes the line of each request; gunicorn says in the same form how its workers are.
accesslog = None
logconfig_dict = logs.configuration(as_json=True, level="INFO") | {
    "loggers": {"gunicorn.error": {"handlers": [], "level": "INFO", "propagate": True}}
}
