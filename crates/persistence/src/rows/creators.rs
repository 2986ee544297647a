//! Creators, their sessions, handles and pages.

use tollgate_domain::{
    creators::{
        AccessMode, AccountToken, Creator, CreatorSession, Handle, Page, PageLabel, PageStatus,
        SecondPayments, TokenPurpose,
    },
    device::Device,
    email::Email,
    id::{CreatorId, CreatorSessionId, HandleId, MoveId, PageId},
    mail::HandleTexts,
    money::{Currency, Money},
    moves::AddressMove,
    names::{HandleName, Slug},
    payments::PaymentExtras,
    token::TokenHash,
};

use super::prelude::*;
use crate::schema::{account_tokens, address_moves, creator_sessions, creators, handles, pages};

row! {
    CreatorRow in creators {
        id: AsText<CreatorId>,
        email: AsText<Email>,
        name: String,
        password_hash: String,
        created_at: AsInt<Timestamp>,
        email_verified_at: Option<AsInt<Timestamp>>,
        suspended_at: Option<AsInt<Timestamp>>,
    }
    is Creator { id, email, name, password_hash, created_at, email_verified_at, suspended_at }
}

row! {
    CreatorSessionRow in creator_sessions {
        id: AsText<CreatorSessionId>,
        creator_id: AsText<CreatorId>,
        token: AsBytes<TokenHash>,
        created_at: AsInt<Timestamp>,
        expires_at: AsInt<Timestamp>,
        device: Option<AsText<Device>>,
    }
    is CreatorSession { id, creator_id, token, created_at, expires_at, device }
}

row! {
    AccountTokenRow in account_tokens {
        token: AsBytes<TokenHash>,
        purpose: AsText<TokenPurpose>,
        creator_id: AsText<CreatorId>,
        created_at: AsInt<Timestamp>,
        expires_at: AsInt<Timestamp>,
        used_at: Option<AsInt<Timestamp>>,
    }
    is AccountToken { token, purpose, creator_id, created_at, expires_at, used_at }
}

row! {
    AddressMoveRow in address_moves {
        id: AsText<MoveId>,
        token: AsBytes<TokenHash>,
        handle_id: AsText<HandleId>,
        from_email: AsText<Email>,
        to_email: AsText<Email>,
        created_at: AsInt<Timestamp>,
        expires_at: AsInt<Timestamp>,
        used_at: Option<AsInt<Timestamp>>,
    }
    is AddressMove {
        id,
        token,
        handle_id,
        from: from_email,
        to: to_email,
        created_at,
        expires_at,
        used_at,
    }
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
        description: Option<String>,
        picture: Option<AsText<Slug>>,
        invoice: bool,
        automatic_tax: bool,
        tax_id: bool,
        second_payments: AsText<SecondPayments>,
    }
    is Handle {
        id,
        creator_id,
        name,
        title,
        texts: HandleTexts { support_email, mail_footer },
        description,
        picture,
        extras: PaymentExtras { invoice, automatic_tax, tax_id },
        second_payments,
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

row! {
    PageLabelRow in pages {
        id: AsText<PageId>,
        slug: AsText<Slug>,
        title: String,
        mode: AsText<AccessMode>,
        #[diesel(embed)]
        price: PriceColumns,
        status: AsText<PageStatus>,
        created_at: AsInt<Timestamp>,
        updated_at: AsInt<Timestamp>,
    }
    is PageLabel { id, slug, title, mode, price, status, created_at, updated_at }
}
