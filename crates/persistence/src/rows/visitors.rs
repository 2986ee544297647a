//! Visitors, magic links, sessions.

use diesel::prelude::*;
use tollgate_domain::{
    store::StoreError,
    token::TokenHash,
    visitor_auth::{MagicLink, ReturnTo, Visitor, VisitorSession},
};

use super::{count, hash, instant, instant_option, micros, parse, uncount};
use crate::schema::{magic_links, visitor_sessions, visitors};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = visitors)]
pub(crate) struct VisitorRow {
    id: String,
    email: String,
    created_at: i64,
}

impl From<&Visitor> for VisitorRow {
    fn from(visitor: &Visitor) -> Self {
        Self {
            id: visitor.id.to_string(),
            email: visitor.email.to_string(),
            created_at: micros(visitor.created_at),
        }
    }
}

impl TryFrom<VisitorRow> for Visitor {
    type Error = StoreError;

    fn try_from(row: VisitorRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: parse("visitors.id", &row.id)?,
            email: parse("visitors.email", &row.email)?,
            created_at: instant("visitors.created_at", row.created_at)?,
        })
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = magic_links)]
pub(crate) struct MagicLinkRow {
    id: String,
    token: Vec<u8>,
    code_fingerprint: Vec<u8>,
    email: String,
    return_to: Option<String>,
    attempts: i32,
    created_at: i64,
    expires_at: i64,
    used_at: Option<i64>,
}

impl From<&MagicLink> for MagicLinkRow {
    fn from(link: &MagicLink) -> Self {
        Self {
            id: link.id.to_string(),
            token: link.token.as_bytes().to_vec(),
            code_fingerprint: link.code_fingerprint.to_vec(),
            email: link.email.to_string(),
            return_to: link.return_to.as_ref().map(|place| place.as_str().to_owned()),
            attempts: count(link.attempts),
            created_at: micros(link.created_at),
            expires_at: micros(link.expires_at),
            used_at: link.used_at.map(micros),
        }
    }
}

impl TryFrom<MagicLinkRow> for MagicLink {
    type Error = StoreError;

    fn try_from(row: MagicLinkRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: parse("magic_links.id", &row.id)?,
            token: TokenHash::from_bytes(hash("magic_links.token", row.token)?),
            code_fingerprint: hash("magic_links.code_fingerprint", row.code_fingerprint)?,
            email: parse("magic_links.email", &row.email)?,
            return_to: row.return_to.map(ReturnTo::stored),
            attempts: uncount("magic_links.attempts", row.attempts)?,
            created_at: instant("magic_links.created_at", row.created_at)?,
            expires_at: instant("magic_links.expires_at", row.expires_at)?,
            used_at: instant_option("magic_links.used_at", row.used_at)?,
        })
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = visitor_sessions)]
pub(crate) struct VisitorSessionRow {
    id: String,
    token: Vec<u8>,
    visitor_id: String,
    created_at: i64,
    expires_at: i64,
}

impl From<&VisitorSession> for VisitorSessionRow {
    fn from(session: &VisitorSession) -> Self {
        Self {
            id: session.id.to_string(),
            token: session.token.as_bytes().to_vec(),
            visitor_id: session.visitor_id.to_string(),
            created_at: micros(session.created_at),
            expires_at: micros(session.expires_at),
        }
    }
}

impl TryFrom<VisitorSessionRow> for VisitorSession {
    type Error = StoreError;

    fn try_from(row: VisitorSessionRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: parse("visitor_sessions.id", &row.id)?,
            token: TokenHash::from_bytes(hash("visitor_sessions.token", row.token)?),
            visitor_id: parse("visitor_sessions.visitor_id", &row.visitor_id)?,
            created_at: instant("visitor_sessions.created_at", row.created_at)?,
            expires_at: instant("visitor_sessions.expires_at", row.expires_at)?,
        })
    }
}
