-- A file's row comes before its object in the file store, and stays after it, since histories name it.
CREATE TABLE files (
    id TEXT COLLATE "C" PRIMARY KEY,
    handle_id TEXT COLLATE "C" NOT NULL REFERENCES handles (id),
    slug TEXT NOT NULL,
    -- The slug while the file holds it: of two files of a handle one may.
    live_slug TEXT,
    name TEXT NOT NULL,
    content_type TEXT NOT NULL,
    size BIGINT NOT NULL CHECK (size >= 0),
    sha256 BYTEA NOT NULL,
    access TEXT NOT NULL CHECK (access IN ('PUBLIC', 'PAGE', 'ALLOWLIST')),
    page_id TEXT COLLATE "C" REFERENCES pages (id) ON DELETE SET NULL,
    state TEXT NOT NULL CHECK (state IN ('UPLOADING', 'READY', 'RETIRED', 'GONE')),
    was_complete BOOLEAN NOT NULL,
    -- When its object is to be cleared away; nothing while it is in use, and once it is gone.
    due_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (handle_id, live_slug),
    CHECK ((live_slug IS NOT NULL) = (state IN ('UPLOADING', 'READY'))),
    CHECK ((due_at IS NOT NULL) = (state IN ('UPLOADING', 'RETIRED')))
);
CREATE INDEX files_of ON files (handle_id, created_at, id);
CREATE INDEX files_on ON files (page_id, created_at, id);
CREATE INDEX files_due ON files (due_at, id);

CREATE TABLE file_allowlist (
    id TEXT COLLATE "C" PRIMARY KEY,
    file_id TEXT COLLATE "C" NOT NULL REFERENCES files (id),
    email TEXT NOT NULL,
    added_at BIGINT NOT NULL,
    removed_at BIGINT,
    -- File and address while the place is held: an address has at most one on a list.
    live_key TEXT UNIQUE
);
CREATE INDEX file_allowlist_who ON file_allowlist (file_id, email);
CREATE INDEX file_allowlist_of ON file_allowlist (file_id, added_at, id);
CREATE INDEX file_allowlist_history ON file_allowlist (email, added_at, id);

CREATE TABLE file_facts (
    id TEXT COLLATE "C" PRIMARY KEY,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    reference TEXT NOT NULL,
    handle_id TEXT COLLATE "C" NOT NULL REFERENCES handles (id),
    file_id TEXT COLLATE "C" NOT NULL REFERENCES files (id),
    UNIQUE (kind, reference)
);
CREATE INDEX file_facts_of ON file_facts (file_id, at, id);
