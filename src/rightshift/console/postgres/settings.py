"""How the server is tuned and who may connect: the three files that it reads at each start."""

ADMIN = "rightshift_admin"
"""Owns the cluster; used to make databases and roles, and by tests."""
ROLE = "rightshift"
"""Owns the console's database, as the role on a server of the user's would; no superuser."""
DATABASE = "rightshift"
MAX_CONNECTIONS = 60

_TUNED = f"""\
listen_addresses = ''
unix_socket_directories = '.'
unix_socket_permissions = 0700
port = 5432
max_connections = {MAX_CONNECTIONS}
superuser_reserved_connections = 3

shared_buffers = 64MB
huge_pages = off
work_mem = 8MB
maintenance_work_mem = 64MB
effective_cache_size = 512MB
temp_file_limit = 4GB
jit = off
plan_cache_mode = auto
random_page_cost = 1.1

max_worker_processes = 4
max_parallel_workers = 2
max_parallel_workers_per_gather = 1
max_parallel_maintenance_workers = 1
autovacuum_max_workers = 2
autovacuum_naptime = 15s
max_logical_replication_workers = 0
max_wal_senders = 0

wal_level = minimal
wal_compression = on
max_wal_size = 512MB
min_wal_size = 64MB
checkpoint_timeout = 5min
restart_after_crash = on

log_destination = 'stderr'
logging_collector = off
log_min_messages = warning
log_min_error_statement = fatal
log_error_verbosity = terse
log_checkpoints = off
log_line_prefix = '%m [%p] '
log_timezone = 'UTC'
timezone = 'UTC'
datestyle = 'iso, ymd'
lc_messages = 'C'
lc_monetary = 'C'
lc_numeric = 'C'
lc_time = 'C'
default_text_search_config = 'pg_catalog.simple'
client_encoding = 'UTF8'
cluster_name = 'rightshift'
"""
# A new database grows from nothing to its size in a minute: until it is analyzed, plans are made for empty tables.
# Errors are logged without detail, context and statement, because these hold rows.

_SINCE = {17: "allow_alter_system = off\n", 18: "io_method = sync\n"}
_DURABLE = "fsync = on\nsynchronous_commit = on\nfull_page_writes = on\n"
_NOT_DURABLE = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n"


def configuration(major: int, folder: str, *, durable: bool) -> str:
    """`postgresql.conf` for a server of this version; `folder` is where the server finds the other two files."""
    since = "".join(lines for first, lines in _SINCE.items() if major >= first)
    files = f"hba_file = '{folder}/pg_hba.conf'\nident_file = '{folder}/pg_ident.conf'\n"
    return files + _TUNED + since + (_DURABLE if durable else _NOT_DURABLE)


def rules() -> str:
    """`pg_hba.conf`: only through the socket, and only whom the kernel calls by a name of `names`."""
    return "local all all peer map=rightshift\n"


def names(client: str) -> str:
    """`pg_ident.conf`: the one user of this machine who may connect, as either role."""
    return "".join(f'rightshift "{client}" {role}\n' for role in (ROLE, ADMIN))
