PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE journal_version (version INTEGER NOT NULL);
INSERT INTO journal_version VALUES(1);
CREATE TABLE sessions (
    session_id TEXT PRIMARY KEY,
    seq INTEGER NOT NULL,
    account_id TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    node_id TEXT NOT NULL,
    region TEXT NOT NULL,
    model TEXT NOT NULL,
    image_to_video INTEGER,
    created_at BIGINT NOT NULL,
    token_expires_at BIGINT,
    token_expired INTEGER NOT NULL,
    connected_at BIGINT,
    dropped_at BIGINT,
    last_activity_at BIGINT NOT NULL,
    broadcast_id TEXT,
    purged_at BIGINT
);
INSERT INTO sessions VALUES('ses_jqbccfnpd6of5znivfpvlkbgpm',3,'usr_fklvc3bvjnuijdg33d2uuitkbi','provisioned',NULL,'demo-node','local','demo',1,17956578616310000,17956578696310000,1,NULL,NULL,17956578616310000,NULL,NULL);
INSERT INTO sessions VALUES('ses_qcectlnxlen2ou6foj7wiara6a',4,'usr_fklvc3bvjnuijdg33d2uuitkbi','dropped','client_disconnected','demo-node','local','demo',1,17956578632030000,17956578712030000,0,17956578644830000,17956578655550000,17956578644830000,NULL,NULL);
INSERT INTO sessions VALUES('ses_ijafloeseyeqeot2lyexvs5o7y',4,'usr_fklvc3bvjnuijdg33d2uuitkbi','connected',NULL,'demo-node','local','demo',1,17956578655970000,17956578735970000,1,17956578663090000,NULL,17956578663090000,NULL,NULL);
INSERT INTO sessions VALUES('ses_o72uwqgoitfqi3oteez43dpage',2,'usr_fklvc3bvjnuijdg33d2uuitkbi','provisioned',NULL,'demo-node','local','demo',1,17956578830800000,17956584830800000,0,NULL,NULL,17956578830800000,NULL,NULL);
INSERT INTO sessions VALUES('ses_ftgeqjmfr2nsxnxn2g5ynd26ii',2,'usr_fklvc3bvjnuijdg33d2uuitkbi','provisioned',NULL,'demo-node','local','demo',1,17956578842060000,17956584842060000,0,NULL,NULL,17956578842060000,NULL,NULL);
INSERT INTO sessions VALUES('ses_4dz52kw4tnh2gugrva6yrvrqo4',1,'usr_fklvc3bvjnuijdg33d2uuitkbi','provisioned',NULL,'demo-node','local','demo',1,17956578853360000,NULL,0,NULL,NULL,17956578853360000,NULL,NULL);
INSERT INTO sessions VALUES('ses_ehsvjegrvk4v2q5g2qq4ztkknm',3,'usr_fklvc3bvjnuijdg33d2uuitkbi','connected',NULL,'demo-node','local','demo',1,17956578860050000,17956584860050000,0,17956578874060000,NULL,17956578874060000,NULL,NULL);
INSERT INTO sessions VALUES('ses_dhn4ej4r7itogvyegj4gxe52h4',4,'usr_fklvc3bvjnuijdg33d2uuitkbi','connected',NULL,'demo-node','local','demo',1,17956578874860000,17956584874860000,0,17956578888990000,NULL,17956578899540000,NULL,NULL);
INSERT INTO sessions VALUES('ses_zhbdroxpgjalmeo2czz25lfrmy',5,'usr_fklvc3bvjnuijdg33d2uuitkbi','connected',NULL,'demo-node','local','demo',1,17956578900120000,17956584900120000,0,17956578907490000,NULL,17956578909310000,NULL,NULL);
INSERT INTO sessions VALUES('ses_dbtcr7ycqidfaosmkhulgikvni',3,'usr_fklvc3bvjnuijdg33d2uuitkbi','dropped','terminated','demo-node','local','demo',1,17956578909650000,17956584909650000,0,NULL,17956578918540000,17956578909650000,NULL,NULL);
INSERT INTO sessions VALUES('ses_dr6xua4rdejmuqy33dt6mudrii',2,'usr_fklvc3bvjnuijdg33d2uuitkbi','provisioned',NULL,'demo-node','local','demo',1,17956578930070000,17956584930070000,0,NULL,NULL,17956578930070000,NULL,NULL);
CREATE TABLE session_events (
    session_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    account_id TEXT NOT NULL,
    at BIGINT NOT NULL,
    type TEXT NOT NULL,
    node_id TEXT,
    connection_id TEXT,
    detail TEXT,
    streamed_seconds DOUBLE PRECISION,
    PRIMARY KEY (session_id, seq)
);
INSERT INTO session_events VALUES('ses_jqbccfnpd6of5znivfpvlkbgpm',1,'usr_fklvc3bvjnuijdg33d2uuitkbi',17956578616310000,'minted','demo-node',NULL,NULL,NULL);
INSERT INTO session_events VALUES('ses_jqbccfnpd6of5znivfpvlkbgpm',2,'usr_fklvc3bvjnuijdg33d2uuitkbi',17956578616310000,'token_issued',NULL,NULL,NULL,NULL);
INSERT INTO session_events VALUES('ses_qcectlnxlen2ou6foj7wiara6a',1,'usr_fklvc3bvjnuijdg33d2uuitkbi',17956578632030000,'minted','demo-node',NULL,NULL,NULL);
INSERT INTO session_events VALUES('ses_qcectlnxlen2ou6foj7wiara6a',2,'usr_fklvc3bvjnuijdg33d2uuitkbi',17956578632030000,'token_issued',NULL,NULL,NULL,NULL);
INSERT INTO session_events VALUES('ses_qcectlnxlen2ou6foj7wiara6a',3,'usr_fklvc3bvjnuijdg33d2uuitkbi',17956578644830000,'connected','demo-node','con_dropped',NULL,NULL);
INSERT INTO session_events VALUES('ses_qcectlnxlen2ou6foj7wiara6a',4,'usr_fklvc3bvjnuijdg33d2uuitkbi',17956578655550000,'dropped',NULL,'con_dropped','client_disconnected',1.0720000000000000639);
INSERT INTO session_events VALUES('ses_ijafloeseyeqeot2lyexvs5o7y',1,'usr_fklvc3bvjnuijdg33d2uuitkbi',17956578655970000,'minted','demo-node',NULL,NULL,NULL);
INSERT INTO session_events VALUES('ses_ijafloeseyeqeot2lyexvs5o7y',2,'usr_fklvc3bvjnuijdg33d2uuitkbi',17956578655970000,'token_issued',NULL,NULL,NULL,NULL);
INSERT INTO session_events VALUES('ses_ijafloeseyeqeot2lyexvs5o7y',3,'usr_fklvc3bvjnuijdg33d2uuitkbi',17956578663090000,'connected','demo-node','con_streaming_past_expiry',NULL,NULL);
INSERT INTO session_events VALUES('ses_jqbccfnpd6of5znivfpvlkbgpm',3,'usr_fklvc3bvjnuijdg33d2uuitkbi',17956578696310000,'token_expired',NULL,NULL,NULL,NULL);
INSERT INTO session_events VALUES('ses_ijafloeseyeqeot2lyexvs5o7y',4,'usr_fklvc3bvjnuijdg33d2uuitkbi',17956578735970000,'token_expired',NULL,NULL,NULL,NULL);
INSERT INTO session_events VALUES('ses_o72uwqgoitfqi3oteez43dpage',1,'usr_fklvc3bvjnuijdg33d2uuitkbi',17956578830800000,'minted','demo-node',NULL,NULL,NULL);
INSERT INTO session_events VALUES('ses_o72uwqgoitfqi3oteez43dpage',2,'usr_fklvc3bvjnuijdg33d2uuitkbi',17956578830800000,'token_issued',NULL,NULL,NULL,NULL);
INSERT INTO session_events VALUES('ses_ftgeqjmfr2nsxnxn2g5ynd26ii',1,'usr_fklvc3bvjnuijdg33d2uuitkbi',17956578842060000,'minted','demo-node',NULL,NULL,NULL);
INSERT INTO session_events VALUES('ses_ftgeqjmfr2nsxnxn2g5ynd26ii',2,'usr_fklvc3bvjnuijdg33d2uuitkbi',17956578842060000,'token_issued',NULL,NULL,NULL,NULL);
INSERT INTO session_events VALUES('ses_4dz52kw4tnh2gugrva6yrvrqo4',1,'usr_fklvc3bvjnuijdg33d2uuitkbi',17956578853360000,'minted','demo-node',NULL,NULL,NULL);
INSERT INTO session_events VALUES('ses_ehsvjegrvk4v2q5g2qq4ztkknm',1,'usr_fklvc3bvjnuijdg33d2uuitkbi',17956578860050000,'minted','demo-node',NULL,NULL,NULL);
INSERT INTO session_events VALUES('ses_ehsvjegrvk4v2q5g2qq4ztkknm',2,'usr_fklvc3bvjnuijdg33d2uuitkbi',17956578860050000,'token_issued',NULL,NULL,NULL,NULL);
INSERT INTO session_events VALUES('ses_ehsvjegrvk4v2q5g2qq4ztkknm',3,'usr_fklvc3bvjnuijdg33d2uuitkbi',17956578874060000,'connected','demo-node','con_live',NULL,NULL);
INSERT INTO session_events VALUES('ses_dhn4ej4r7itogvyegj4gxe52h4',1,'usr_fklvc3bvjnuijdg33d2uuitkbi',17956578874860000,'minted','demo-node',NULL,NULL,NULL);
INSERT INTO session_events VALUES('ses_dhn4ej4r7itogvyegj4gxe52h4',2,'usr_fklvc3bvjnuijdg33d2uuitkbi',17956578874860000,'token_issued',NULL,NULL,NULL,NULL);
INSERT INTO session_events VALUES('ses_dhn4ej4r7itogvyegj4gxe52h4',3,'usr_fklvc3bvjnuijdg33d2uuitkbi',17956578888990000,'connected','demo-node','con_lost',NULL,NULL);
INSERT INTO session_events VALUES('ses_dhn4ej4r7itogvyegj4gxe52h4',4,'usr_fklvc3bvjnuijdg33d2uuitkbi',17956578899540000,'connection_lost',NULL,'con_lost',NULL,1.0549999999999999378);
INSERT INTO session_events VALUES('ses_zhbdroxpgjalmeo2czz25lfrmy',1,'usr_fklvc3bvjnuijdg33d2uuitkbi',17956578900120000,'minted','demo-node',NULL,NULL,NULL);
INSERT INTO session_events VALUES('ses_zhbdroxpgjalmeo2czz25lfrmy',2,'usr_fklvc3bvjnuijdg33d2uuitkbi',17956578900120000,'token_issued',NULL,NULL,NULL,NULL);
INSERT INTO session_events VALUES('ses_zhbdroxpgjalmeo2czz25lfrmy',3,'usr_fklvc3bvjnuijdg33d2uuitkbi',17956578907490000,'connected','demo-node','con_a',NULL,NULL);
INSERT INTO session_events VALUES('ses_zhbdroxpgjalmeo2czz25lfrmy',4,'usr_fklvc3bvjnuijdg33d2uuitkbi',17956578908860000,'connection_lost',NULL,'con_a',NULL,0.13700000000000001065);
INSERT INTO session_events VALUES('ses_zhbdroxpgjalmeo2czz25lfrmy',5,'usr_fklvc3bvjnuijdg33d2uuitkbi',17956578909310000,'connected','demo-node','con_b',NULL,NULL);
INSERT INTO session_events VALUES('ses_dbtcr7ycqidfaosmkhulgikvni',1,'usr_fklvc3bvjnuijdg33d2uuitkbi',17956578909650000,'minted','demo-node',NULL,NULL,NULL);
INSERT INTO session_events VALUES('ses_dbtcr7ycqidfaosmkhulgikvni',2,'usr_fklvc3bvjnuijdg33d2uuitkbi',17956578909650000,'token_issued',NULL,NULL,NULL,NULL);
INSERT INTO session_events VALUES('ses_dbtcr7ycqidfaosmkhulgikvni',3,'usr_fklvc3bvjnuijdg33d2uuitkbi',17956578918540000,'dropped',NULL,NULL,'terminated',NULL);
INSERT INTO session_events VALUES('ses_dr6xua4rdejmuqy33dt6mudrii',1,'usr_fklvc3bvjnuijdg33d2uuitkbi',17956578930070000,'minted','demo-node',NULL,NULL,NULL);
INSERT INTO session_events VALUES('ses_dr6xua4rdejmuqy33dt6mudrii',2,'usr_fklvc3bvjnuijdg33d2uuitkbi',17956578930070000,'token_issued',NULL,NULL,NULL,NULL);
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
INSERT INTO audit VALUES(1,17956578606610641,NULL,NULL,'login.succeeded','usr_rruxnznviecblppjbc6u33qv34',NULL,'127.0.0.1','0HNQBBUQU9G57:00000001');
INSERT INTO audit VALUES(2,17956578614872337,'usr_rruxnznviecblppjbc6u33qv34',NULL,'user.change','usr_fklvc3bvjnuijdg33d2uuitkbi','max_concurrent=20, monthly_hours=100, max_stream_seconds=7200','127.0.0.1','0HNQBBUQU9G59:00000001');
INSERT INTO audit VALUES(3,17956578826380397,NULL,NULL,'login.succeeded','usr_rruxnznviecblppjbc6u33qv34',NULL,'127.0.0.1','0HNQBBV2L7B4U:00000001');
INSERT INTO audit VALUES(4,17956578919622633,'usr_rruxnznviecblppjbc6u33qv34',NULL,'user.create','usr_jqtnsb2me7mj5xsze4gavqkloe','carol','127.0.0.1','0HNQBBV2L7B5E:00000001');
CREATE TABLE users (
    id TEXT PRIMARY KEY,
    username TEXT NOT NULL,
    username_lower TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
INSERT INTO users VALUES('usr_rruxnznviecblppjbc6u33qv34','admin','admin',17956578532959362);
INSERT INTO users VALUES('usr_fklvc3bvjnuijdg33d2uuitkbi','demo','demo',17956578544776501);
INSERT INTO users VALUES('usr_jqtnsb2me7mj5xsze4gavqkloe','carol','carol',17956578924445366);
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('audit',4);
CREATE INDEX sessions_newest ON sessions (created_at DESC, session_id DESC) WHERE purged_at IS NULL;
CREATE INDEX sessions_of_account ON sessions (account_id, created_at DESC, session_id DESC) WHERE purged_at IS NULL;
CREATE INDEX sessions_of_account_by_state ON sessions (account_id, state, created_at DESC, session_id DESC) WHERE purged_at IS NULL;
CREATE INDEX sessions_by_state ON sessions (state, created_at DESC, session_id DESC) WHERE purged_at IS NULL;
CREATE INDEX sessions_to_purge ON sessions (dropped_at) WHERE purged_at IS NULL AND dropped_at IS NOT NULL;
CREATE INDEX session_events_streamed ON session_events (account_id, at) WHERE streamed_seconds IS NOT NULL;
CREATE INDEX audit_by_actor ON audit (actor, id);
CREATE INDEX audit_by_target ON audit (target, id);
CREATE INDEX audit_by_action ON audit (action, id);
CREATE UNIQUE INDEX users_by_name ON users (username_lower);
COMMIT;
