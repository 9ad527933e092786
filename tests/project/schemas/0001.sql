BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE classes (
	id TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "classes" VALUES('cat');
CREATE TABLE counter (
	id INTEGER NOT NULL, 
	writes INTEGER NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT ck_counter_one_row CHECK (id = 1)
);
INSERT INTO "counter" VALUES(1,9);
CREATE TABLE cycles (
	number INTEGER NOT NULL, 
	job INTEGER NOT NULL, 
	batch INTEGER NOT NULL, 
	events INTEGER NOT NULL, 
	labelled INTEGER NOT NULL, 
	classes JSON NOT NULL, 
	ids JSON NOT NULL, 
	training TEXT, 
	facts JSON NOT NULL, 
	at TEXT NOT NULL, 
	PRIMARY KEY (number), 
	UNIQUE (job), 
	FOREIGN KEY(job) REFERENCES jobs (number)
);
INSERT INTO "cycles" VALUES(1,1,1,3,1,'["cat"]','["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]','key','{"why": "x"}','2026-03-01T12:30:00.000000Z');
CREATE TABLE events (
	sequence INTEGER NOT NULL, 
	event TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	at TEXT NOT NULL, 
	"by" TEXT NOT NULL, 
	image TEXT, 
	class_id TEXT, 
	text TEXT, 
	"into" TEXT, 
	"query" TEXT, 
	seconds FLOAT, 
	undoes TEXT, 
	received TEXT NOT NULL, 
	PRIMARY KEY (sequence), 
	UNIQUE (event), 
	FOREIGN KEY(image) REFERENCES images (id), 
	FOREIGN KEY(class_id) REFERENCES classes (id), 
	FOREIGN KEY("into") REFERENCES classes (id), 
	FOREIGN KEY(undoes) REFERENCES events (event)
);
INSERT INTO "events" VALUES(1,'e1','class_added','2026-03-01T12:30:00.000000Z','ann',NULL,'cat','Cat',NULL,NULL,NULL,NULL,'2026-03-01T12:30:00.000000Z');
INSERT INTO "events" VALUES(2,'e2','labelled','2026-03-01T12:30:00.000000Z','ann','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','cat',NULL,NULL,'t',1.5,NULL,'2026-03-01T12:30:00.000000Z');
INSERT INTO "events" VALUES(3,'e3','undone','2026-03-01T12:30:00.000000Z','ann',NULL,NULL,NULL,NULL,NULL,NULL,'e2','2026-03-01T12:30:00.000000Z');
CREATE TABLE files (
	path TEXT NOT NULL, 
	size INTEGER NOT NULL, 
	modified INTEGER NOT NULL, 
	image TEXT, 
	width INTEGER NOT NULL, 
	height INTEGER NOT NULL, 
	problem TEXT, 
	present BOOLEAN NOT NULL, 
	PRIMARY KEY (path), 
	FOREIGN KEY(image) REFERENCES images (id)
);
INSERT INTO "files" VALUES('a.jpg',10,20,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',640,480,NULL,1);
INSERT INTO "files" VALUES('b.jpg',10,20,'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb',640,480,NULL,1);
CREATE TABLE held_out (
	number INTEGER NOT NULL, 
	image TEXT NOT NULL, 
	"after" INTEGER NOT NULL, 
	PRIMARY KEY (number), 
	UNIQUE (image), 
	FOREIGN KEY(image) REFERENCES images (id)
);
INSERT INTO "held_out" VALUES(1,'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb',1);
CREATE TABLE images (
	id TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "images" VALUES('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa');
INSERT INTO "images" VALUES('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb');
CREATE TABLE jobs (
	number INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	state TEXT NOT NULL, 
	worker TEXT NOT NULL, 
	lease_until TEXT NOT NULL, 
	progress JSON NOT NULL, 
	attempts INTEGER NOT NULL, 
	error TEXT NOT NULL, 
	requested TEXT NOT NULL, 
	PRIMARY KEY (number), 
	CONSTRAINT ck_jobs_state CHECK (state in ('waiting', 'running', 'done', 'failed'))
);
INSERT INTO "jobs" VALUES(1,'cycle','done','w','','{}',1,'','2026-03-01T12:30:00.000000Z');
CREATE TABLE notes (
	name TEXT NOT NULL, 
	value JSON NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "notes" VALUES('indexing','{"done": 2}');
CREATE TABLE questions (
	number INTEGER NOT NULL, 
	token TEXT NOT NULL, 
	image TEXT NOT NULL, 
	source TEXT NOT NULL, 
	"by" TEXT NOT NULL, 
	at TEXT NOT NULL, 
	until TEXT NOT NULL, 
	batch INTEGER, 
	PRIMARY KEY (number), 
	UNIQUE (token), 
	FOREIGN KEY(image) REFERENCES images (id)
);
INSERT INTO "questions" VALUES(1,'t','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','batch','ann','2026-03-01T12:30:00.000000Z','2026-03-01T12:30:00.000000Z',1);
CREATE INDEX ix_files_image ON files (image);
CREATE INDEX ix_questions_until ON questions (until);
CREATE INDEX ix_events_query ON events ("query");
CREATE INDEX ix_jobs_state ON jobs (state);
COMMIT;
