PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE goose_db_version (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
INSERT INTO goose_db_version VALUES(1,0,1,'2026-11-27 17:23:12');
INSERT INTO goose_db_version VALUES(2,1,1,'2026-11-27 17:23:12');
INSERT INTO goose_db_version VALUES(3,2,1,'2026-11-27 17:23:12');
INSERT INTO goose_db_version VALUES(4,3,1,'2026-11-27 17:23:12');
INSERT INTO goose_db_version VALUES(5,5,1,'2026-11-27 17:23:12');
INSERT INTO goose_db_version VALUES(6,6,1,'2026-11-27 17:23:12');
INSERT INTO goose_db_version VALUES(7,7,1,'2026-11-27 17:23:12');
INSERT INTO goose_db_version VALUES(8,8,1,'2026-11-27 17:23:12');
INSERT INTO goose_db_version VALUES(9,9,1,'2026-11-27 17:23:12');
INSERT INTO goose_db_version VALUES(10,10,1,'2026-11-27 17:23:12');
INSERT INTO goose_db_version VALUES(11,11,1,'2026-11-27 17:23:12');
CREATE TABLE feedback (
    id                   text    not null primary key,
    sender               text    not null, -- who fired the webhook: feedback, helpscout, …
    channel              text    not null,
    kind                 text    not null check (kind = 'smiley' or kind = 'nps' or kind = 'csat' or kind = 'ces' or kind = 'nls' or kind = 'review'),
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
    suspect              integer not null check (suspect in (0, 1)), voided_ms integer, voided_by text not null default '', void_reason text not null default '' check ((void_reason = '') = (voided_ms is null)), confirmed integer not null default 0 check (confirmed in (0, 1)), at_risk integer not null default 0 check (at_risk in (0, 1)), risk_told integer not null default 0 check (risk_told in (0, 1)), forgotten_ms integer
    check (forgotten_ms is null or (comment = '' and customer_id = '' and customer_name = '' and customer_email = '')), rating_raw text not null default '',
    unique (sender, channel, kind, sender_id),
    check (case kind
        when 'smiley' then rating between 1 and 3
        when 'ces' then rating between 1 and 7
        when 'csat' then rating between 1 and 5
        when 'review' then rating between 1 and 5
        else rating between 0 and 10 end)
) strict;
INSERT INTO feedback VALUES('01a21e08-5a11-7976-bf24-f145240885df','feedback','ticket','smiley','1',1,'Stap 3 klopt niet meer.','c-1','Jan de Vries','jan@example.org','a-7','Bart','','','','',0,NULL,NULL,NULL,0,'','','{"customer.id":1791190800000000000,"customer.name":1791190800000000000,"customer.email":1791190800000000000,"agent.id":1791190800000000000,"agent.name":1791190800000000000,"rating":1791190800000000000,"comment":1791191100000000000}',1791190800000,20731,1795800193553,0,NULL,'','',0,0,0,NULL,'');
INSERT INTO feedback VALUES('01a21e08-5a26-7e38-bb58-e1bde32f969c','feedback','chat','smiley','2',2,'','c-2','','','a-7','Bart','','','','',0,NULL,NULL,NULL,0,'','','{"rating":1791194400000000000,"customer.id":1791194400000000000,"agent.id":1791194400000000000,"agent.name":1791194400000000000}',1791194400000,20731,1795800193574,0,NULL,'','',0,0,0,NULL,'');
INSERT INTO feedback VALUES('01a21e08-5a30-712d-8ccc-4541620cea8a','feedback','ticket','smiley','3',3,'Top!','','','','a-7','Bart','','4711','Website offline','https://tickets.example.org/4711',0,1791270000000,1791273600000,1791277200000,1,'','','{"agent.id":1791280800000000000,"agent.name":1791280800000000000,"ticket.id":1791280800000000000,"ticket.opened_at":1791280800000000000,"rating":1791280800000000000,"comment":1791280800000000000,"ticket.subject":1791280800000000000,"ticket.url":1791280800000000000,"ticket.first_reply_at":1791280800000000000,"ticket.resolved_at":1791280800000000000,"ticket.replies":1791280800000000000}',1791280800000,20732,1795800193583,0,NULL,'','',0,0,0,NULL,'');
INSERT INTO feedback VALUES('01a21e08-5a39-740f-a36d-300eed803498','feedback','panel','nps','4',9,'','','','','','','','','','',0,NULL,NULL,NULL,0,'','','{"rating":1791367200000000000}',1791367200000,20733,1795800193593,0,NULL,'','',0,0,0,NULL,'');
INSERT INTO feedback VALUES('01a21e08-5a41-7d7f-ba6d-58e1cd660e1a','feedback','email','csat','5',2,'','','','','','','','','','',0,NULL,NULL,NULL,0,'','','{"rating":1791453600000000000}',1791453600000,20734,1795800193601,0,NULL,'','',0,0,0,NULL,'');
INSERT INTO feedback VALUES('01a21e08-5a4a-7f25-863b-5d156e11840b','feedback','review','review','6',4,'Goed','','','','','','','','','',0,NULL,NULL,NULL,0,'trustpilot','','{"rating":1791540000000000000,"comment":1791540000000000000,"site":1791540000000000000}',1791540000000,20735,1795800193610,0,NULL,'','',0,0,0,NULL,'');
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
INSERT INTO history VALUES(1,'01a21e08-5a11-7976-bf24-f145240885df','rating','','red',1791190800000,1795800193553,1);
INSERT INTO history VALUES(2,'01a21e08-5a11-7976-bf24-f145240885df','comment','','Stap 3 klopt niet meer.',1791191100000,1795800193565,1);
INSERT INTO history VALUES(3,'01a21e08-5a26-7e38-bb58-e1bde32f969c','rating','','yellow',1791194400000,1795800193574,1);
INSERT INTO history VALUES(4,'01a21e08-5a30-712d-8ccc-4541620cea8a','rating','','green',1791280800000,1795800193583,1);
INSERT INTO history VALUES(5,'01a21e08-5a30-712d-8ccc-4541620cea8a','comment','','Top!',1791280800000,1795800193583,1);
INSERT INTO history VALUES(6,'01a21e08-5a39-740f-a36d-300eed803498','rating','','9',1791367200000,1795800193593,1);
INSERT INTO history VALUES(7,'01a21e08-5a41-7d7f-ba6d-58e1cd660e1a','rating','','2',1791453600000,1795800193601,1);
INSERT INTO history VALUES(8,'01a21e08-5a4a-7f25-863b-5d156e11840b','rating','','4',1791540000000,1795800193610,1);
INSERT INTO history VALUES(9,'01a21e08-5a4a-7f25-863b-5d156e11840b','comment','','Goed',1791540000000,1795800193610,1);
CREATE TABLE delivery (
    sender      text    not null,
    delivery_id text    not null,
    feedback_id text    not null,
    received_ms integer not null,
    primary key (sender, delivery_id)
) strict, without rowid;
INSERT INTO delivery VALUES('feedback','d-126481322','01a21e08-5a39-740f-a36d-300eed803498',1795800193593);
INSERT INTO delivery VALUES('feedback','d-145869028','01a21e08-5a4a-7f25-863b-5d156e11840b',1795800193610);
INSERT INTO delivery VALUES('feedback','d-179811690','01a21e08-5a41-7d7f-ba6d-58e1cd660e1a',1795800193601);
INSERT INTO delivery VALUES('feedback','d-2771814239','01a21e08-5a26-7e38-bb58-e1bde32f969c',1795800193574);
INSERT INTO delivery VALUES('feedback','d-45915293','01a21e08-5a11-7976-bf24-f145240885df',1795800193565);
INSERT INTO delivery VALUES('feedback','d-523729046','01a21e08-5a30-712d-8ccc-4541620cea8a',1795800193583);
INSERT INTO delivery VALUES('feedback','d-848127829','01a21e08-5a11-7976-bf24-f145240885df',1795800193553);
CREATE TABLE payload (
    id          integer not null primary key,
    feedback_id text    not null,
    received_ms integer not null,
    body        blob    not null
) strict;
INSERT INTO payload VALUES(1,'01a21e08-5a11-7976-bf24-f145240885df',1795800193553,X'7b226964223a2231222c226368616e6e656c223a227469636b6574222c22736d696c6579223a22726564222c22637573746f6d6572223a7b226964223a22632d31222c226e616d65223a224a616e206465205672696573222c22656d61696c223a226a616e406578616d706c652e6f7267227d2c226167656e74223a7b226964223a22612d37222c226e616d65223a2242617274227d2c226f636375727265645f6174223a22323032362d31302d30355430393a30303a30305a227d');
INSERT INTO payload VALUES(2,'01a21e08-5a11-7976-bf24-f145240885df',1795800193565,X'7b226964223a2231222c226368616e6e656c223a227469636b6574222c22636f6d6d656e74223a22537461702033206b6c6f7074206e696574206d6565722e222c226f636375727265645f6174223a22323032362d31302d30355430393a30353a30305a227d');
INSERT INTO payload VALUES(3,'01a21e08-5a26-7e38-bb58-e1bde32f969c',1795800193574,X'7b226964223a2232222c226368616e6e656c223a2263686174222c22736d696c6579223a2279656c6c6f77222c22637573746f6d6572223a7b226964223a22632d32227d2c226167656e74223a7b226964223a22612d37222c226e616d65223a2242617274227d2c226f636375727265645f6174223a22323032362d31302d30355431303a30303a30305a227d');
INSERT INTO payload VALUES(4,'01a21e08-5a30-712d-8ccc-4541620cea8a',1795800193583,X'7b226964223a2233222c226368616e6e656c223a227469636b6574222c22736d696c6579223a22677265656e222c22636f6d6d656e74223a22546f7021222c226167656e74223a7b226964223a22612d37222c226e616d65223a2242617274227d2c227469636b6574223a7b226964223a2234373131222c227375626a656374223a2257656273697465206f66666c696e65222c2275726c223a2268747470733a2f2f7469636b6574732e6578616d706c652e6f72672f34373131222c226f70656e65645f6174223a22323032362d31302d30365430373a30303a30305a222c2266697273745f7265706c795f6174223a22323032362d31302d30365430383a30303a30305a222c227265736f6c7665645f6174223a22323032362d31302d30365430393a30303a30305a222c227265706c696573223a317d2c226f636375727265645f6174223a22323032362d31302d30365431303a30303a30305a227d');
INSERT INTO payload VALUES(5,'01a21e08-5a39-740f-a36d-300eed803498',1795800193593,X'7b226964223a2234222c226b696e64223a226e7073222c226368616e6e656c223a2270616e656c222c2273636f7265223a392c226f636375727265645f6174223a22323032362d31302d30375431303a30303a30305a227d');
INSERT INTO payload VALUES(6,'01a21e08-5a41-7d7f-ba6d-58e1cd660e1a',1795800193601,X'7b226964223a2235222c226b696e64223a2263736174222c226368616e6e656c223a22656d61696c222c2273636f7265223a322c226f636375727265645f6174223a22323032362d31302d30385431303a30303a30305a227d');
INSERT INTO payload VALUES(7,'01a21e08-5a4a-7f25-863b-5d156e11840b',1795800193610,X'7b226964223a2236222c226b696e64223a22726576696577222c226368616e6e656c223a22726576696577222c2273636f7265223a342c2273697465223a22747275737470696c6f74222c22636f6d6d656e74223a22476f6564222c226f636375727265645f6174223a22323032362d31302d30395431303a30303a30305a227d');
CREATE TABLE refusal (
    id          integer not null primary key,
    sender      text    not null,
    status      integer not null check (status in (400, 422)),
    detail      text    not null, -- what was wrong, without the sender's values
    received_ms integer not null,
    body        blob    not null
) strict;
INSERT INTO refusal VALUES(1,'feedback',422,'Required fields are missing or wrong: see errors.; channel must be one of ticket, chat, panel, email, phone, social, review; smiley must be one of red, yellow, green; the first event of a feedback needs it',1795800193620,X'7b226964223a2278222c226368616e6e656c223a22666178227d');
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
CREATE TABLE agent (
    ref  integer not null primary key,
    id   text    not null,
    name text    not null,
    seen integer not null, -- the latest local day on which such a feedback counted
    unique (id, name),
    check (id <> '' or name <> '')
) strict;
INSERT INTO agent VALUES(1,'a-7','Bart',20732);
CREATE TABLE tally (
    kind    text    not null,
    unit    text    not null check (unit in ('day', 'month')),
    channel text    not null, -- '' is all channels
    agent   integer not null, -- agent.ref, 0 is everybody
    first   integer not null, -- the day, in days since 1970-01-01, or the month, in months since the year 0
    voided  integer not null,
    v0      integer not null, -- how many gave a 0; for smileys 1 is red, 2 yellow, 3 green
    v1      integer not null,
    v2      integer not null,
    v3      integer not null,
    v4      integer not null,
    v5      integer not null,
    v6      integer not null,
    v7      integer not null,
    v8      integer not null,
    v9      integer not null,
    v10     integer not null,
    primary key (kind, unit, channel, agent, first)
) strict, without rowid;
INSERT INTO tally VALUES('csat','day','',0,20734,0,0,0,1,0,0,0,0,0,0,0,0);
INSERT INTO tally VALUES('csat','day','email',0,20734,0,0,0,1,0,0,0,0,0,0,0,0);
INSERT INTO tally VALUES('csat','month','',0,24321,0,0,0,1,0,0,0,0,0,0,0,0);
INSERT INTO tally VALUES('csat','month','email',0,24321,0,0,0,1,0,0,0,0,0,0,0,0);
INSERT INTO tally VALUES('nps','day','',0,20733,0,0,0,0,0,0,0,0,0,0,1,0);
INSERT INTO tally VALUES('nps','day','panel',0,20733,0,0,0,0,0,0,0,0,0,0,1,0);
INSERT INTO tally VALUES('nps','month','',0,24321,0,0,0,0,0,0,0,0,0,0,1,0);
INSERT INTO tally VALUES('nps','month','panel',0,24321,0,0,0,0,0,0,0,0,0,0,1,0);
INSERT INTO tally VALUES('review','day','',0,20735,0,0,0,0,0,1,0,0,0,0,0,0);
INSERT INTO tally VALUES('review','day','review',0,20735,0,0,0,0,0,1,0,0,0,0,0,0);
INSERT INTO tally VALUES('review','month','',0,24321,0,0,0,0,0,1,0,0,0,0,0,0);
INSERT INTO tally VALUES('review','month','review',0,24321,0,0,0,0,0,1,0,0,0,0,0,0);
INSERT INTO tally VALUES('smiley','day','',0,20731,0,0,1,1,0,0,0,0,0,0,0,0);
INSERT INTO tally VALUES('smiley','day','',0,20732,0,0,0,0,1,0,0,0,0,0,0,0);
INSERT INTO tally VALUES('smiley','day','',1,20731,0,0,1,1,0,0,0,0,0,0,0,0);
INSERT INTO tally VALUES('smiley','day','',1,20732,0,0,0,0,1,0,0,0,0,0,0,0);
INSERT INTO tally VALUES('smiley','day','chat',0,20731,0,0,0,1,0,0,0,0,0,0,0,0);
INSERT INTO tally VALUES('smiley','day','chat',1,20731,0,0,0,1,0,0,0,0,0,0,0,0);
INSERT INTO tally VALUES('smiley','day','ticket',0,20731,0,0,1,0,0,0,0,0,0,0,0,0);
INSERT INTO tally VALUES('smiley','day','ticket',0,20732,0,0,0,0,1,0,0,0,0,0,0,0);
INSERT INTO tally VALUES('smiley','day','ticket',1,20731,0,0,1,0,0,0,0,0,0,0,0,0);
INSERT INTO tally VALUES('smiley','day','ticket',1,20732,0,0,0,0,1,0,0,0,0,0,0,0);
INSERT INTO tally VALUES('smiley','month','',0,24321,0,0,1,1,1,0,0,0,0,0,0,0);
INSERT INTO tally VALUES('smiley','month','',1,24321,0,0,1,1,1,0,0,0,0,0,0,0);
INSERT INTO tally VALUES('smiley','month','chat',0,24321,0,0,0,1,0,0,0,0,0,0,0,0);
INSERT INTO tally VALUES('smiley','month','chat',1,24321,0,0,0,1,0,0,0,0,0,0,0,0);
INSERT INTO tally VALUES('smiley','month','ticket',0,24321,0,0,1,0,1,0,0,0,0,0,0,0);
INSERT INTO tally VALUES('smiley','month','ticket',1,24321,0,0,1,0,1,0,0,0,0,0,0,0);
CREATE TABLE counted (
    id   integer not null primary key check (id = 1),
    zone text    not null
) strict;
INSERT INTO counted VALUES(1,'Europe/Amsterdam');
CREATE TABLE service (
    id      integer not null primary key,
    channel text    not null,
    agent   text    not null,
    unit    text    not null check (unit in ('day', 'month')),
    first   integer not null, -- the local day in days since 1970-01-01, or the month in months since the year 0
    counts  blob    not null,
    unique (channel, agent, unit, first)
) strict;
CREATE TABLE service_change (
    id      integer not null primary key,
    month   integer not null,
    n       integer not null, -- how many tickets
    changes blob    not null
) strict;
INSERT INTO service_change VALUES(1,24321,1,X'02f8c30278f001040404020c7469636b657406612d37');
CREATE TABLE service_rules (
    id    integer not null primary key check (id = 1),
    rules text    not null
) strict;
INSERT INTO service_rules VALUES(1,'2 Europe/Amsterdam [[] [{540 1020}] [{540 1020}] [{540 1020}] [{540 1020}] [{540 1020}] []] [] []');
CREATE TABLE home (
    person       text    not null primary key, -- a Slack user
    opened_ms    integer not null,
    published_ms integer not null default 0,
    waiting      text    not null default '',  -- a fingerprint of what it shows as waiting
    hash         text    not null default ''   -- Slack's name of the state of the view
) strict, without rowid;
CREATE TABLE IF NOT EXISTS "outbox" (
    key             text    not null primary key, -- the feedback's id, or the notice's key
    feedback_id     text    references feedback (id), -- null for what is about none
    notice          text,                         -- what the notice says; null for the living message
    mention         text    not null,             -- the Slack user a notice is for
    channel         text    not null,             -- the feedback's channel, which is routed to a Slack channel; '' is the lead channel
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
    retry_ms        integer not null default 0, erasure text not null default '' check (erasure = '' or erasure = 'wanted' or erasure = 'failed'), stuck_ts text,   -- not before
    check ((ts is null) = (shown = 0)),
    check (attempt_ms is null or ts is null),
    check (doubt_ms is null or attempt_ms is not null),
    check (recheck_ms is null or recheck_from_ms is not null),
    check (feedback_id is not null or (notice is not null and channel = ''))
) strict;
INSERT INTO outbox VALUES('01a21e08-5a11-7976-bf24-f145240885df','01a21e08-5a11-7976-bf24-f145240885df',NULL,'','ticket',0,1795800193553,2,0,'C0A',NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,'',NULL);
INSERT INTO outbox VALUES('01a21e08-5a26-7e38-bb58-e1bde32f969c','01a21e08-5a26-7e38-bb58-e1bde32f969c',NULL,'','chat',1,1795800193574,1,0,'',NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,'',NULL);
INSERT INTO outbox VALUES('01a21e08-5a30-712d-8ccc-4541620cea8a','01a21e08-5a30-712d-8ccc-4541620cea8a',NULL,'','ticket',2,1795800193583,1,0,'',NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,'',NULL);
INSERT INTO outbox VALUES('01a21e08-5a39-740f-a36d-300eed803498','01a21e08-5a39-740f-a36d-300eed803498',NULL,'','panel',2,1795800193593,1,0,'',NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,'',NULL);
INSERT INTO outbox VALUES('01a21e08-5a41-7d7f-ba6d-58e1cd660e1a','01a21e08-5a41-7d7f-ba6d-58e1cd660e1a',NULL,'','email',0,1795800193601,1,0,'',NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,'',NULL);
INSERT INTO outbox VALUES('01a21e08-5a4a-7f25-863b-5d156e11840b','01a21e08-5a4a-7f25-863b-5d156e11840b',NULL,'','review',2,1795800193610,1,0,'',NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,'',NULL);
CREATE TABLE routine (
    name    text    not null primary key,
    done_ms integer not null,
    told    integer not null default 0 check (told in (0, 1)) -- of the alert: that the drop it found is still the same
) strict, without rowid;
INSERT INTO routine VALUES('alert',1795800192588,0);
INSERT INTO routine VALUES('digest',1795800192587,0);
INSERT INTO routine VALUES('escalation',1795800192585,0);
INSERT INTO routine VALUES('sweep',1795800192588,0);
CREATE TABLE act (
    id          integer not null primary key,
    feedback_id text    not null references feedback (id),
    at_ms       integer not null,
    made_by     text    not null, -- a Slack user, or import
    what        text    not null check (what in ('confirm', 'void', 'restore')),
    reason      text    not null
) strict;
CREATE TABLE IF NOT EXISTS "followup" (
    id             text    not null primary key,
    feedback_id    text    not null unique references feedback (id),
    state          text    not null check (state = 'open' or state = 'claimed' or state = 'snoozed' or state = 'done' or state = 'explained' or state = 'withdrawn'),
    claimer        text    not null, -- a Slack user
    outcome        text    not null,
    note           text    not null,
    opened_ms      integer not null, -- the latest opening
    due_ms         integer not null,
    openings       integer not null check (openings >= 1),
    snoozed_ms     integer,          -- the end of the latest snooze since it opened
    snoozes        integer not null default 0, -- since it opened
    reminded       integer not null default 0 check (reminded in (0, 1)),  -- it was said that it is due
    escalated      integer not null default 0 check (escalated in (0, 1)), -- the leads were told that it is overdue
    was_state      text    not null default '' check (was_state = '' or was_state = 'open' or was_state = 'claimed' or was_state = 'snoozed' or was_state = 'explained'), -- when its feedback was voided
    was_claimer    text    not null default '',
    was_snoozed_ms integer,
    changed_ms     integer not null,
    changed_by     text    not null, was_explained integer not null default 0 check (was_explained in (0, 1)), was_happy integer not null default 0 check (was_happy in (0, 1)), -- a Slack user, customer, or clock
    check (state <> 'claimed' or claimer <> ''),
    check (state in ('claimed', 'snoozed') or claimer = ''),
    check (state <> 'snoozed' or snoozed_ms is not null),
    check ((snoozes > 0) = (snoozed_ms is not null)),
    check ((state = 'done') = (outcome <> '')),
    check (note = '' or state = 'done'),
    check (was_state = '' or state = 'withdrawn')
) strict;
INSERT INTO followup VALUES('01a21e08-5a12-7082-924a-98d5551df652','01a21e08-5a11-7976-bf24-f145240885df','explained','','','',1795800193553,1796040000000,1,NULL,0,0,0,'','',NULL,1795800193565,'customer',0,0);
INSERT INTO followup VALUES('01a21e08-5a27-7021-9bbd-eb11b321ebed','01a21e08-5a26-7e38-bb58-e1bde32f969c','open','','','',1795800193574,1796040000000,1,NULL,0,0,0,'','',NULL,1795800193574,'customer',0,0);
INSERT INTO followup VALUES('01a21e08-5a41-7ea6-8f9d-198b1adffe7b','01a21e08-5a41-7d7f-ba6d-58e1cd660e1a','open','','','',1795800193601,1796040000000,1,NULL,0,0,0,'','',NULL,1795800193601,'customer',0,0);
CREATE TABLE IF NOT EXISTS "transition" (
    id          integer not null primary key,
    followup_id text    not null references "followup" (id),
    at_ms       integer not null,
    made_by     text    not null,
    from_state  text    not null, -- '' for none
    to_state    text    not null,
    claimer     text    not null default '', -- who is on it from then on; not known before this column was
    outcome     text    not null,
    note        text    not null
) strict;
INSERT INTO transition VALUES(1,'01a21e08-5a12-7082-924a-98d5551df652',1795800193553,'customer','','open','','','');
INSERT INTO transition VALUES(2,'01a21e08-5a12-7082-924a-98d5551df652',1795800193565,'customer','open','explained','','','');
INSERT INTO transition VALUES(3,'01a21e08-5a27-7021-9bbd-eb11b321ebed',1795800193574,'customer','','open','','','');
INSERT INTO transition VALUES(4,'01a21e08-5a41-7ea6-8f9d-198b1adffe7b',1795800193601,'customer','','open','','','');
CREATE TABLE covered (
    key         text not null, -- of the outbox
    feedback_id text not null references feedback (id),
    primary key (key, feedback_id)
) strict, without rowid;
CREATE TABLE forgotten (
    who   blob    not null primary key,
    at_ms integer not null
) strict, without rowid;
CREATE TABLE outgoing (
    id          integer not null primary key,
    event_id    text    not null unique, -- a UUIDv7; the same at every attempt
    feedback_id text    not null references feedback (id),
    type        text    not null check (type in ('followup.opened', 'followup.claimed', 'followup.done', 'followup.explained')),
    body        text    not null,        -- as it is sent
    at_ms       integer not null,
    attempts    integer not null default 0,
    retry_ms    integer not null default 0, -- not before
    aside       integer not null default 0 check (aside in (0, 1)) -- it failed for a reason of its own
) strict;
CREATE TABLE payload_also (
    feedback_id text    not null,
    payload_id  integer not null references payload (id) on delete cascade,
    primary key (feedback_id, payload_id)
) strict, without rowid;
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('goose_db_version',11);
CREATE INDEX history_by_feedback on history (feedback_id, occurred_ms);
CREATE INDEX delivery_by_age on delivery (received_ms);
CREATE INDEX payload_by_age on payload (received_ms);
CREATE INDEX payload_by_feedback on payload (feedback_id);
CREATE INDEX edit_by_time on edit (at_ms);
CREATE INDEX service_change_by_month on service_change (month);
CREATE INDEX feedback_by_ticket on feedback (sender, ticket_id) where ticket_id <> '';
CREATE INDEX feedback_by_customer on feedback (customer_id, occurred_ms) where customer_id <> '';
CREATE INDEX feedback_by_email on feedback (lower(customer_email), occurred_ms) where customer_email <> '';
CREATE INDEX feedback_by_agent on feedback (agent_email, occurred_ms) where agent_email <> '';
CREATE INDEX outbox_posts on outbox (channel, rank, queued_ms) where ts is null and attempt_ms is null;
CREATE INDEX outbox_edits on outbox (slack_channel, rank, queued_ms) where ts is not null and shown < revision;
CREATE INDEX outbox_doubts on outbox (attempt_ms) where attempt_ms is not null;
CREATE INDEX outbox_rechecks on outbox (recheck_ms) where recheck_ms is not null;
CREATE INDEX outbox_former on outbox (key) where former_ts is not null;
CREATE INDEX outbox_paced on outbox (posted_ms) where posted_ms is not null;
CREATE INDEX outbox_notices on outbox (queued_ms) where notice is not null and ts is null and attempt_ms is null;
CREATE INDEX outbox_retries on outbox (retry_ms) where retry_ms > 0;
CREATE INDEX feedback_commented on feedback (day) where comment <> '';
CREATE INDEX feedback_following on feedback (day) where follow_up_of <> '';
CREATE INDEX feedback_at_risk on feedback (customer_id) where at_risk = 1;
CREATE INDEX feedback_at_risk_email on feedback (lower(customer_email)) where at_risk = 1;
CREATE INDEX feedback_following_first on feedback (sender, follow_up_of) where follow_up_of <> '';
CREATE INDEX act_by_feedback on act (feedback_id, id);
CREATE INDEX transition_by_followup on transition (followup_id, id);
CREATE INDEX followup_by_state on followup (state);
CREATE INDEX followup_claimed on followup (claimer, opened_ms) where claimer <> '';
CREATE INDEX followup_due on followup (due_ms) where state in ('open', 'claimed');
CREATE INDEX followup_by_opening on followup (opened_ms, state, due_ms, changed_ms);
CREATE INDEX followup_by_end on followup (changed_ms) where state = 'done';
CREATE INDEX followup_unreminded on followup (due_ms) where state in ('open', 'claimed') and reminded = 0;
CREATE INDEX followup_snoozed on followup (snoozed_ms) where state = 'snoozed';
CREATE INDEX covered_by_feedback on covered (feedback_id);
CREATE INDEX outbox_notices_of on outbox (feedback_id) where notice is not null;
CREATE INDEX outbox_erasures on outbox (key) where erasure <> '';
CREATE INDEX outgoing_by_feedback on outgoing (feedback_id, id);
CREATE INDEX outbox_stuck on outbox (key) where stuck_ts is not null;
CREATE INDEX payload_also_by_payload on payload_also (payload_id);
CREATE INDEX followup_queue on followup (opened_ms, id) where (state = 'open' or state = 'claimed' or state = 'snoozed');
COMMIT;
