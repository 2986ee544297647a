//! Creators, their sessions, handles and pages.

use tollgate_domain::{
    creators::{AccessMode, Creator, CreatorSession, Handle, Page, PageStatus},
    email::Email,
    id::{CreatorId, CreatorSessionId, HandleId, PageId},
    mail::HandleTexts,
    money::{Currency, Money},
    names::{HandleName, Slug},
    token::TokenHash,
};

use super::prelude::*;
use crate::schema::{creator_sessions, creators, handles, pages};

row! {
    CreatorRow in creators {
        id: AsText<CreatorId>,
        email: AsText<Email>,
        name: String,
        password_hash: String,
        created_at: AsInt<Timestamp>,
    }
    is Creator { id, email, name, password_hash, created_at }
}

row! {
    CreatorSessionRow in creator_sessions {
        id: AsText<CreatorSessionId>,
        creator_id: AsText<CreatorId>,
        token: AsBytes<TokenHash>,
        created_at: AsInt<Timestamp>,
        expires_at: AsInt<Timestamp>,
    }
    is CreatorSession { id, creator_id, token, created_at, expires_at }
}

row! {
    HandleRow in handles {
        id: AsText<HandleId>,
        creator_id: AsText<CreatorId>,
        name: AsText<HandleName>,
        title: String,
        created_at: AsInt<Timestamp>,
        support_email: Option<AsText<Email>>,
        mail_footer: Option<String>,
    }
    is Handle {
        id,
        creator_id,
        name,
        title,
        texts: HandleTexts { support_email, mail_footer },
        created_at,
    }
}

optional_part! {
    PriceColumns in pages { price_amount: i64, price_currency: AsText<Currency>, }
    is Money { amount: price_amount, currency: price_currency }
}

row! {
    /// The change set writes an absent price as NULL, which removes it.
    #[derive(AsChangeset)]
    #[diesel(treat_none_as_null = true)]
    PageRow in pages {
        id: AsText<PageId>,
        handle_id: AsText<HandleId>,
        slug: AsText<Slug>,
        title: String,
        teaser: String,
        body: String,
        mode: AsText<AccessMode>,
        #[diesel(embed)]
        price: PriceColumns,
        status: AsText<PageStatus>,
        created_at: AsInt<Timestamp>,
        updated_at: AsInt<Timestamp>,
        closed_at: Option<AsInt<Timestamp>>,
    }
    is Page {
        id,
        handle_id,
        slug,
        title,
        teaser,
        body,
        mode,
        price,
        status,
        created_at,
        updated_at,
        closed_at,
    }
}
