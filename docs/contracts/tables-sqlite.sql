CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at BIGINT NOT NULL,
    actor TEXT,
    key_id TEXT,
    action TEXT NOT NULL,
    target TEXT,
    detail TEXT,
    address TEXT,
    request_id TEXT
);

CREATE INDEX audit_by_action ON audit (action, id);

CREATE INDEX audit_by_actor ON audit (actor, id);

CREATE INDEX audit_by_target ON audit (target, id);

CREATE TABLE broadcasts (
    broadcast_id TEXT PRIMARY KEY,
    session_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    node_id TEXT NOT NULL,
    hls_url TEXT,
    created_at BIGINT NOT NULL,
    ended_at BIGINT,
    most_viewers BIGINT NOT NULL
);

CREATE INDEX broadcasts_newest ON broadcasts (created_at, broadcast_id);

CREATE INDEX broadcasts_of_account ON broadcasts (account_id, created_at, broadcast_id);

CREATE INDEX broadcasts_of_session ON broadcasts (session_id);

CREATE TABLE owners (
    kind SMALLINT NOT NULL,
    id TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    PRIMARY KEY (kind, id)
);

CREATE TABLE session_events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    session_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    account_id TEXT NOT NULL,
    at BIGINT NOT NULL,
    type TEXT NOT NULL,
    node_id TEXT,
    connection_id TEXT,
    detail TEXT,
    streamed_ms BIGINT
);

CREATE UNIQUE INDEX session_events_of_session ON session_events (session_id, seq);

CREATE TABLE sessions (
    session_id TEXT PRIMARY KEY,
    version BIGINT NOT NULL,
    account_id TEXT NOT NULL,
    key_id TEXT,
    idempotency_key TEXT,
    body_digest TEXT,
    node_id TEXT NOT NULL,
    region TEXT NOT NULL,
    model TEXT NOT NULL,
    image_to_video BOOLEAN,
    node_signaling_url TEXT,
    needs_image_to_video BOOLEAN NOT NULL,
    region_latencies TEXT,
    state TEXT NOT NULL,
    reason TEXT,
    created_at BIGINT NOT NULL,
    last_activity_at BIGINT NOT NULL,
    token_expires_at BIGINT,
    token_expiry_noted BOOLEAN NOT NULL,
    connected_at BIGINT,
    stream_ends_at BIGINT,
    connection_id TEXT,
    connection_since BIGINT,
    ended_connections TEXT,
    streamed_ms BIGINT NOT NULL,
    refused_connects BIGINT NOT NULL,
    dropped_at BIGINT,
    broadcast_id TEXT,
    last_seq BIGINT NOT NULL,
    holds_until BIGINT,
    next_deadline BIGINT
);

CREATE UNIQUE INDEX sessions_by_idempotency_key ON sessions (account_id, idempotency_key) WHERE idempotency_key IS NOT NULL;

CREATE INDEX sessions_connected ON sessions (connected_at) WHERE connected_at IS NOT NULL;

CREATE INDEX sessions_live ON sessions (created_at, session_id) WHERE state <> 'dropped';

CREATE INDEX sessions_live_of_account ON sessions (account_id, created_at, session_id) WHERE state <> 'dropped';

CREATE INDEX sessions_live_of_node ON sessions (node_id) WHERE state <> 'dropped';

CREATE INDEX sessions_overdue ON sessions (next_deadline) WHERE state <> 'dropped' AND next_deadline IS NOT NULL;

CREATE INDEX sessions_past ON sessions (created_at, session_id) WHERE state = 'dropped';

CREATE INDEX sessions_past_in_order ON sessions (dropped_at) WHERE dropped_at IS NOT NULL;

CREATE INDEX sessions_past_of_account ON sessions (account_id, created_at, session_id) WHERE state = 'dropped';

CREATE INDEX sessions_with_idempotency_key ON sessions (created_at) WHERE idempotency_key IS NOT NULL;

CREATE TABLE storage_version (version INTEGER NOT NULL);

CREATE TABLE usage (
    account_id TEXT NOT NULL,
    day TEXT NOT NULL,
    milliseconds BIGINT NOT NULL,
    sessions BIGINT NOT NULL,
    PRIMARY KEY (account_id, day)
);

CREATE TABLE users (
    id TEXT PRIMARY KEY,
    username TEXT NOT NULL,
    username_lower TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE UNIQUE INDEX users_by_name ON users (username_lower);
