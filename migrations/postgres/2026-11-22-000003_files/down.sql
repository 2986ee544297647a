DROP TABLE file_facts;
DROP TABLE file_allowlist;
DROP TABLE files;
