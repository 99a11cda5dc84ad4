PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE goose_db_version (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
INSERT INTO goose_db_version VALUES(1,0,1,'2026-11-27 17:21:27');
INSERT INTO goose_db_version VALUES(2,1,1,'2026-11-27 17:21:27');
CREATE TABLE feedback (
    id                   text    not null primary key,
    sender               text    not null, -- who fired the webhook: feedback, helpscout, …
    channel              text    not null,
    kind                 text    not null check (kind in ('smiley', 'nps', 'csat', 'ces', 'nls', 'review')),
    sender_id            text    not null, -- the sender's own name of what was rated
    rating               integer not null, -- the score; for smileys 1 red, 2 yellow, 3 green
    comment              text    not null, -- '' is none
    customer_id          text    not null,
    customer_name        text    not null,
    customer_email       text    not null,
    agent_id             text    not null,
    agent_name           text    not null,
    agent_email          text    not null,
    ticket_id            text    not null,
    ticket_subject       text    not null,
    ticket_url           text    not null,
    ticket_urgent        integer not null check (ticket_urgent in (0, 1)),
    ticket_opened_ms     integer,
    ticket_replied_ms    integer,
    ticket_resolved_ms   integer,
    ticket_replies       integer not null,
    site                 text    not null,
    follow_up_of         text    not null,
    set_ns               text    not null, -- JSON: field -> when what set it occurred, in nanoseconds since 1970
    occurred_ms          integer not null, -- the earliest known
    day                  integer not null, -- its local day, in days since 1970-01-01: where it is tallied
    received_ms          integer not null, -- when the first event arrived
    suspect              integer not null check (suspect in (0, 1)),
    unique (sender, channel, kind, sender_id),
    check (case kind
        when 'smiley' then rating between 1 and 3
        when 'ces' then rating between 1 and 7
        when 'csat' then rating between 1 and 5
        when 'review' then rating between 1 and 5
        else rating between 0 and 10 end)
) strict;
INSERT INTO feedback VALUES('01a21e06-be75-7273-9fbe-77f7f4fe9ee6','feedback','ticket','smiley','1',1,'Stap 3 klopt niet meer.','c-1','Jan de Vries','jan@example.org','a-7','Bart','','','','',0,NULL,NULL,NULL,0,'','','{"customer.name":1791190800000000000,"comment":1791191100000000000,"customer.email":1791190800000000000,"agent.id":1791190800000000000,"agent.name":1791190800000000000,"rating":1791190800000000000,"customer.id":1791190800000000000}',1791190800000,20731,1795800088180,0);
INSERT INTO feedback VALUES('01a21e06-be89-7d73-859d-7aff281667f4','feedback','chat','smiley','2',2,'','c-2','','','a-7','Bart','','','','',0,NULL,NULL,NULL,0,'','','{"rating":1791194400000000000,"customer.id":1791194400000000000,"agent.id":1791194400000000000,"agent.name":1791194400000000000}',1791194400000,20731,1795800088201,0);
INSERT INTO feedback VALUES('01a21e06-be91-7d0e-8801-4a36cf7c222f','feedback','ticket','smiley','3',3,'Top!','','','','a-7','Bart','','4711','Website offline','https://tickets.example.org/4711',0,1791270000000,1791273600000,1791277200000,1,'','','{"rating":1791280800000000000,"agent.name":1791280800000000000,"ticket.subject":1791280800000000000,"ticket.url":1791280800000000000,"ticket.first_reply_at":1791280800000000000,"comment":1791280800000000000,"agent.id":1791280800000000000,"ticket.id":1791280800000000000,"ticket.opened_at":1791280800000000000,"ticket.resolved_at":1791280800000000000,"ticket.replies":1791280800000000000}',1791280800000,20732,1795800088209,0);
INSERT INTO feedback VALUES('01a21e06-be98-7b28-8083-e17c7aac004a','feedback','panel','nps','4',9,'','','','','','','','','','',0,NULL,NULL,NULL,0,'','','{"rating":1791367200000000000}',1791367200000,20733,1795800088216,0);
INSERT INTO feedback VALUES('01a21e06-be9f-78de-bfad-a6d74cd3ab6d','feedback','email','csat','5',2,'','','','','','','','','','',0,NULL,NULL,NULL,0,'','','{"rating":1791453600000000000}',1791453600000,20734,1795800088223,0);
INSERT INTO feedback VALUES('01a21e06-bea6-7a7f-bc7c-6e9d2d795cf6','feedback','review','review','6',4,'Goed','','','','','','','','','',0,NULL,NULL,NULL,0,'trustpilot','','{"rating":1791540000000000000,"comment":1791540000000000000,"site":1791540000000000000}',1791540000000,20735,1795800088230,0);
CREATE TABLE history (
    id          integer not null primary key,
    feedback_id text    not null references feedback (id),
    field       text    not null check (field in ('rating', 'comment')),
    old         text    not null,
    new         text    not null,
    occurred_ms integer not null,
    recorded_ms integer not null,
    applied     integer not null check (applied in (0, 1)) -- 0: it was older or said what was known
) strict;
INSERT INTO history VALUES(1,'01a21e06-be75-7273-9fbe-77f7f4fe9ee6','rating','','red',1791190800000,1795800088180,1);
INSERT INTO history VALUES(2,'01a21e06-be75-7273-9fbe-77f7f4fe9ee6','comment','','Stap 3 klopt niet meer.',1791191100000,1795800088192,1);
INSERT INTO history VALUES(3,'01a21e06-be89-7d73-859d-7aff281667f4','rating','','yellow',1791194400000,1795800088201,1);
INSERT INTO history VALUES(4,'01a21e06-be91-7d0e-8801-4a36cf7c222f','rating','','green',1791280800000,1795800088209,1);
INSERT INTO history VALUES(5,'01a21e06-be91-7d0e-8801-4a36cf7c222f','comment','','Top!',1791280800000,1795800088209,1);
INSERT INTO history VALUES(6,'01a21e06-be98-7b28-8083-e17c7aac004a','rating','','9',1791367200000,1795800088216,1);
INSERT INTO history VALUES(7,'01a21e06-be9f-78de-bfad-a6d74cd3ab6d','rating','','2',1791453600000,1795800088223,1);
INSERT INTO history VALUES(8,'01a21e06-bea6-7a7f-bc7c-6e9d2d795cf6','rating','','4',1791540000000,1795800088230,1);
INSERT INTO history VALUES(9,'01a21e06-bea6-7a7f-bc7c-6e9d2d795cf6','comment','','Goed',1791540000000,1795800088230,1);
CREATE TABLE delivery (
    sender      text    not null,
    delivery_id text    not null,
    feedback_id text    not null,
    received_ms integer not null,
    primary key (sender, delivery_id)
) strict, without rowid;
INSERT INTO delivery VALUES('feedback','d-11999326','01a21e06-bea6-7a7f-bc7c-6e9d2d795cf6',1795800088230);
INSERT INTO delivery VALUES('feedback','d-1644724567','01a21e06-be75-7273-9fbe-77f7f4fe9ee6',1795800088180);
INSERT INTO delivery VALUES('feedback','d-2194317421','01a21e06-be89-7d73-859d-7aff281667f4',1795800088201);
INSERT INTO delivery VALUES('feedback','d-2494618972','01a21e06-be75-7273-9fbe-77f7f4fe9ee6',1795800088192);
INSERT INTO delivery VALUES('feedback','d-255467695','01a21e06-be98-7b28-8083-e17c7aac004a',1795800088216);
INSERT INTO delivery VALUES('feedback','d-27459782','01a21e06-be91-7d0e-8801-4a36cf7c222f',1795800088209);
INSERT INTO delivery VALUES('feedback','d-302434458','01a21e06-be9f-78de-bfad-a6d74cd3ab6d',1795800088223);
CREATE TABLE payload (
    id          integer not null primary key,
    feedback_id text    not null,
    received_ms integer not null,
    body        blob    not null
) strict;
INSERT INTO payload VALUES(1,'01a21e06-be75-7273-9fbe-77f7f4fe9ee6',1795800088180,X'7b226964223a2231222c226368616e6e656c223a227469636b6574222c22736d696c6579223a22726564222c22637573746f6d6572223a7b226964223a22632d31222c226e616d65223a224a616e206465205672696573222c22656d61696c223a226a616e406578616d706c652e6f7267227d2c226167656e74223a7b226964223a22612d37222c226e616d65223a2242617274227d2c226f636375727265645f6174223a22323032362d31302d30355430393a30303a30305a227d');
INSERT INTO payload VALUES(2,'01a21e06-be75-7273-9fbe-77f7f4fe9ee6',1795800088192,X'7b226964223a2231222c226368616e6e656c223a227469636b6574222c22636f6d6d656e74223a22537461702033206b6c6f7074206e696574206d6565722e222c226f636375727265645f6174223a22323032362d31302d30355430393a30353a30305a227d');
INSERT INTO payload VALUES(3,'01a21e06-be89-7d73-859d-7aff281667f4',1795800088201,X'7b226964223a2232222c226368616e6e656c223a2263686174222c22736d696c6579223a2279656c6c6f77222c22637573746f6d6572223a7b226964223a22632d32227d2c226167656e74223a7b226964223a22612d37222c226e616d65223a2242617274227d2c226f636375727265645f6174223a22323032362d31302d30355431303a30303a30305a227d');
INSERT INTO payload VALUES(4,'01a21e06-be91-7d0e-8801-4a36cf7c222f',1795800088209,X'7b226964223a2233222c226368616e6e656c223a227469636b6574222c22736d696c6579223a22677265656e222c22636f6d6d656e74223a22546f7021222c226167656e74223a7b226964223a22612d37222c226e616d65223a2242617274227d2c227469636b6574223a7b226964223a2234373131222c227375626a656374223a2257656273697465206f66666c696e65222c2275726c223a2268747470733a2f2f7469636b6574732e6578616d706c652e6f72672f34373131222c226f70656e65645f6174223a22323032362d31302d30365430373a30303a30305a222c2266697273745f7265706c795f6174223a22323032362d31302d30365430383a30303a30305a222c227265736f6c7665645f6174223a22323032362d31302d30365430393a30303a30305a222c227265706c696573223a317d2c226f636375727265645f6174223a22323032362d31302d30365431303a30303a30305a227d');
INSERT INTO payload VALUES(5,'01a21e06-be98-7b28-8083-e17c7aac004a',1795800088216,X'7b226964223a2234222c226b696e64223a226e7073222c226368616e6e656c223a2270616e656c222c2273636f7265223a392c226f636375727265645f6174223a22323032362d31302d30375431303a30303a30305a227d');
INSERT INTO payload VALUES(6,'01a21e06-be9f-78de-bfad-a6d74cd3ab6d',1795800088223,X'7b226964223a2235222c226b696e64223a2263736174222c226368616e6e656c223a22656d61696c222c2273636f7265223a322c226f636375727265645f6174223a22323032362d31302d30385431303a30303a30305a227d');
INSERT INTO payload VALUES(7,'01a21e06-bea6-7a7f-bc7c-6e9d2d795cf6',1795800088230,X'7b226964223a2236222c226b696e64223a22726576696577222c226368616e6e656c223a22726576696577222c2273636f7265223a342c2273697465223a22747275737470696c6f74222c22636f6d6d656e74223a22476f6564222c226f636375727265645f6174223a22323032362d31302d30395431303a30303a30305a227d');
CREATE TABLE refusal (
    id          integer not null primary key,
    sender      text    not null,
    status      integer not null check (status in (400, 422)),
    detail      text    not null, -- what was wrong, without the sender's values
    received_ms integer not null,
    body        blob    not null
) strict;
INSERT INTO refusal VALUES(1,'feedback',422,'Required fields are missing or wrong: see errors.; channel must be one of ticket, chat, panel, email, phone, social, review; smiley must be one of red, yellow, green; the first event of a feedback needs it',1795800088237,X'7b226964223a2278222c226368616e6e656c223a22666178227d');
CREATE TABLE tally (
    kind    text    not null,
    day     integer not null,
    channel text    not null,
    value   integer not null,
    n       integer not null check (n >= 0),
    primary key (kind, day, channel, value)
) strict, without rowid;
INSERT INTO tally VALUES('csat',20734,'email',2,1);
INSERT INTO tally VALUES('nps',20733,'panel',9,1);
INSERT INTO tally VALUES('review',20735,'review',4,1);
INSERT INTO tally VALUES('smiley',20731,'chat',2,1);
INSERT INTO tally VALUES('smiley',20731,'ticket',1,1);
INSERT INTO tally VALUES('smiley',20732,'ticket',3,1);
CREATE TABLE followup (
    id          text    not null primary key,
    feedback_id text    not null unique references feedback (id),
    state       text    not null check (state in ('open', 'claimed', 'done', 'explained', 'withdrawn')),
    claimer     text    not null, -- a Slack user
    outcome     text    not null,
    note        text    not null,
    opened_ms   integer not null, -- the latest opening
    due_ms      integer not null,
    openings    integer not null check (openings >= 1),
    changed_ms  integer not null,
    changed_by  text    not null, -- a Slack user, or customer
    check ((state = 'claimed') = (claimer <> '')),
    check ((state = 'done') = (outcome <> '')),
    check (note = '' or state = 'done')
) strict;
INSERT INTO followup VALUES('01a21e06-be75-7ceb-97dc-3a09ce6a0729','01a21e06-be75-7273-9fbe-77f7f4fe9ee6','explained','','','',1795800088180,1796040000000,1,1795800088192,'customer');
INSERT INTO followup VALUES('01a21e06-be8a-701c-ac9c-a33a2ddc936a','01a21e06-be89-7d73-859d-7aff281667f4','open','','','',1795800088201,1796040000000,1,1795800088201,'customer');
INSERT INTO followup VALUES('01a21e06-be9f-7ab6-9d20-89f0bd35c221','01a21e06-be9f-78de-bfad-a6d74cd3ab6d','open','','','',1795800088223,1796040000000,1,1795800088223,'customer');
CREATE TABLE transition (
    id          integer not null primary key,
    followup_id text    not null references followup (id),
    at_ms       integer not null,
    made_by     text    not null,
    from_state  text    not null, -- '' for none
    to_state    text    not null,
    outcome     text    not null,
    note        text    not null
) strict;
INSERT INTO transition VALUES(1,'01a21e06-be75-7ceb-97dc-3a09ce6a0729',1795800088180,'customer','','open','','');
INSERT INTO transition VALUES(2,'01a21e06-be75-7ceb-97dc-3a09ce6a0729',1795800088192,'customer','open','explained','','');
INSERT INTO transition VALUES(3,'01a21e06-be8a-701c-ac9c-a33a2ddc936a',1795800088201,'customer','','open','','');
INSERT INTO transition VALUES(4,'01a21e06-be9f-7ab6-9d20-89f0bd35c221',1795800088223,'customer','','open','','');
CREATE TABLE outbox (
    key             text    not null primary key, -- the feedback's id, or the notice's key
    feedback_id     text    not null references feedback (id),
    notice          text,                         -- what the notice says; null for the living message
    mention         text    not null,             -- the Slack user a notice is for
    channel         text    not null,             -- the feedback's channel, which is routed to a Slack channel
    rank            integer not null,             -- 0 red, 1 yellow, 2 green: who goes first
    queued_ms       integer not null,             -- since when it waits to be posted
    revision        integer not null check (revision >= 1),
    shown           integer not null default 0 check (shown between 0 and revision), -- 0: never posted
    slack_channel   text    not null default '',  -- where it stands, or where it was tried
    ts              text,                         -- Slack's name of the message; null until it is posted
    posted_ms       integer,
    attempt_ms      integer,                      -- when the post without a known result began
    doubt_ms        integer,                      -- when that attempt ended; null while it runs
    recheck_ms      integer,                      -- when to look for a second message
    recheck_from_ms integer,                      -- and from which attempt on
    former_ts       text,                         -- messages that could no longer be edited, to be deleted; separated by spaces
    retry_ms        integer not null default 0,   -- not before
    check ((ts is null) = (shown = 0)),
    check (attempt_ms is null or ts is null),
    check (doubt_ms is null or attempt_ms is not null),
    check (recheck_ms is null or recheck_from_ms is not null)
) strict;
INSERT INTO outbox VALUES('01a21e06-be75-7273-9fbe-77f7f4fe9ee6','01a21e06-be75-7273-9fbe-77f7f4fe9ee6',NULL,'','ticket',0,1795800088180,2,0,'C0A',NULL,NULL,NULL,NULL,NULL,NULL,NULL,0);
INSERT INTO outbox VALUES('01a21e06-be89-7d73-859d-7aff281667f4','01a21e06-be89-7d73-859d-7aff281667f4',NULL,'','chat',1,1795800088201,1,0,'',NULL,NULL,NULL,NULL,NULL,NULL,NULL,0);
INSERT INTO outbox VALUES('01a21e06-be91-7d0e-8801-4a36cf7c222f','01a21e06-be91-7d0e-8801-4a36cf7c222f',NULL,'','ticket',2,1795800088209,1,0,'',NULL,NULL,NULL,NULL,NULL,NULL,NULL,0);
INSERT INTO outbox VALUES('01a21e06-be98-7b28-8083-e17c7aac004a','01a21e06-be98-7b28-8083-e17c7aac004a',NULL,'','panel',2,1795800088216,1,0,'',NULL,NULL,NULL,NULL,NULL,NULL,NULL,0);
INSERT INTO outbox VALUES('01a21e06-be9f-78de-bfad-a6d74cd3ab6d','01a21e06-be9f-78de-bfad-a6d74cd3ab6d',NULL,'','email',0,1795800088223,1,0,'',NULL,NULL,NULL,NULL,NULL,NULL,NULL,0);
INSERT INTO outbox VALUES('01a21e06-bea6-7a7f-bc7c-6e9d2d795cf6','01a21e06-bea6-7a7f-bc7c-6e9d2d795cf6',NULL,'','review',2,1795800088230,1,0,'',NULL,NULL,NULL,NULL,NULL,NULL,NULL,0);
CREATE TABLE pause (
    method   text    not null primary key,
    until_ms integer not null
) strict;
CREATE TABLE edit (
    id    integer not null primary key,
    at_ms integer not null
) strict;
CREATE TABLE probe (
    id    integer not null primary key check (id = 1),
    at_ms integer not null
) strict;
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('goose_db_version',2);
CREATE INDEX history_by_feedback on history (feedback_id, occurred_ms);
CREATE INDEX delivery_by_age on delivery (received_ms);
CREATE INDEX payload_by_age on payload (received_ms);
CREATE INDEX payload_by_feedback on payload (feedback_id);
CREATE INDEX followup_queue on followup (opened_ms, id) where state in ('open', 'claimed');
CREATE INDEX followup_by_state on followup (state);
CREATE INDEX transition_by_followup on transition (followup_id, id);
CREATE INDEX outbox_posts on outbox (channel, rank, queued_ms) where ts is null and attempt_ms is null;
CREATE INDEX outbox_edits on outbox (slack_channel, rank, queued_ms) where ts is not null and shown < revision;
CREATE INDEX outbox_doubts on outbox (attempt_ms) where attempt_ms is not null;
CREATE INDEX outbox_rechecks on outbox (recheck_ms) where recheck_ms is not null;
CREATE INDEX outbox_former on outbox (key) where former_ts is not null;
CREATE INDEX outbox_paced on outbox (posted_ms) where posted_ms is not null;
CREATE INDEX outbox_notices on outbox (queued_ms) where notice is not null and ts is null and attempt_ms is null;
CREATE INDEX outbox_retries on outbox (retry_ms) where retry_ms > 0;
CREATE INDEX edit_by_time on edit (at_ms);
COMMIT;
