-- Addresses that mails came back from, and recipients who complained of a mail.
CREATE TABLE returned_mails (
    email TEXT PRIMARY KEY NOT NULL,
    bounced_at BIGINT,
    complained_at BIGINT
);
