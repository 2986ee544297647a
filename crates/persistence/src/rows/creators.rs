//! Creators, their sessions, handles and pages.

use diesel::prelude::*;
use tollgate_domain::{
    creators::{Creator, CreatorSession, Handle, HandleTexts, Page},
    store::StoreError,
    token::TokenHash,
};

use super::{hash, instant, instant_option, micros, money_option, parse, parse_option};
use crate::schema::{creator_sessions, creators, handles, pages};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = creators)]
pub(crate) struct CreatorRow {
    id: String,
    email: String,
    name: String,
    password_hash: String,
    created_at: i64,
}

impl From<&Creator> for CreatorRow {
    fn from(creator: &Creator) -> Self {
        Self {
            id: creator.id.to_string(),
            email: creator.email.to_string(),
            name: creator.name.clone(),
            password_hash: creator.password_hash.clone(),
            created_at: micros(creator.created_at),
        }
    }
}

impl TryFrom<CreatorRow> for Creator {
    type Error = StoreError;

    fn try_from(row: CreatorRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: parse("creators.id", &row.id)?,
            email: parse("creators.email", &row.email)?,
            name: row.name,
            password_hash: row.password_hash,
            created_at: instant("creators.created_at", row.created_at)?,
        })
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = creator_sessions)]
pub(crate) struct CreatorSessionRow {
    pub(crate) id: String,
    creator_id: String,
    token: Vec<u8>,
    created_at: i64,
    expires_at: i64,
}

impl From<&CreatorSession> for CreatorSessionRow {
    fn from(session: &CreatorSession) -> Self {
        Self {
            id: session.id.to_string(),
            creator_id: session.creator_id.to_string(),
            token: session.token.as_bytes().to_vec(),
            created_at: micros(session.created_at),
            expires_at: micros(session.expires_at),
        }
    }
}

impl TryFrom<CreatorSessionRow> for CreatorSession {
    type Error = StoreError;

    fn try_from(row: CreatorSessionRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: parse("creator_sessions.id", &row.id)?,
            creator_id: parse("creator_sessions.creator_id", &row.creator_id)?,
            token: TokenHash::from_bytes(hash("creator_sessions.token", row.token)?),
            created_at: instant("creator_sessions.created_at", row.created_at)?,
            expires_at: instant("creator_sessions.expires_at", row.expires_at)?,
        })
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = handles)]
pub(crate) struct HandleRow {
    id: String,
    creator_id: String,
    name: String,
    title: String,
    created_at: i64,
    support_email: Option<String>,
    mail_footer: Option<String>,
}

impl From<&Handle> for HandleRow {
    fn from(handle: &Handle) -> Self {
        Self {
            id: handle.id.to_string(),
            creator_id: handle.creator_id.to_string(),
            name: handle.name.to_string(),
            title: handle.title.clone(),
            created_at: micros(handle.created_at),
            support_email: handle.texts.support_email.as_ref().map(ToString::to_string),
            mail_footer: handle.texts.mail_footer.clone(),
        }
    }
}

impl TryFrom<HandleRow> for Handle {
    type Error = StoreError;

    fn try_from(row: HandleRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: parse("handles.id", &row.id)?,
            creator_id: parse("handles.creator_id", &row.creator_id)?,
            name: parse("handles.name", &row.name)?,
            title: row.title,
            texts: HandleTexts {
                support_email: parse_option("handles.support_email", row.support_email.as_deref())?,
                mail_footer: row.mail_footer,
            },
            created_at: instant("handles.created_at", row.created_at)?,
        })
    }
}

/// The change set writes absent prices as NULL, which is what taking a price away means.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = pages, treat_none_as_null = true)]
pub(crate) struct PageRow {
    id: String,
    handle_id: String,
    slug: String,
    title: String,
    teaser: String,
    body: String,
    mode: String,
    price_amount: Option<i64>,
    price_currency: Option<String>,
    status: String,
    created_at: i64,
    updated_at: i64,
    closed_at: Option<i64>,
}

impl From<&Page> for PageRow {
    fn from(page: &Page) -> Self {
        Self {
            id: page.id.to_string(),
            handle_id: page.handle_id.to_string(),
            slug: page.slug.to_string(),
            title: page.title.clone(),
            teaser: page.teaser.clone(),
            body: page.body.clone(),
            mode: page.mode.as_str().to_owned(),
            price_amount: page.price.map(|price| price.amount),
            price_currency: page.price.map(|price| price.currency.code().to_owned()),
            status: page.status.as_str().to_owned(),
            created_at: micros(page.created_at),
            updated_at: micros(page.updated_at),
            closed_at: page.closed_at.map(micros),
        }
    }
}

impl TryFrom<PageRow> for Page {
    type Error = StoreError;

    fn try_from(row: PageRow) -> Result<Self, StoreError> {
        let currency = row.price_currency.as_deref();
        Ok(Self {
            id: parse("pages.id", &row.id)?,
            handle_id: parse("pages.handle_id", &row.handle_id)?,
            slug: parse("pages.slug", &row.slug)?,
            price: money_option("pages.price_currency", row.price_amount, currency)?,
            title: row.title,
            teaser: row.teaser,
            body: row.body,
            mode: parse("pages.mode", &row.mode)?,
            status: parse("pages.status", &row.status)?,
            created_at: instant("pages.created_at", row.created_at)?,
            updated_at: instant("pages.updated_at", row.updated_at)?,
            closed_at: instant_option("pages.closed_at", row.closed_at)?,
        })
    }
}
