-- Addresses that mails came back from, and recipients who complained of a mail.
CREATE TABLE returned_mails (
    email TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    bounced_at BIGINT,
    complained_at BIGINT
);
