//! Visitors, magic links and sessions.

use tollgate_domain::{
    creators::FrontendOrigin,
    device::Device,
    email::Email,
    id::{MagicLinkId, VisitorId, VisitorSessionId},
    token::TokenHash,
    visitor_auth::{MagicLink, ReturnTo, Visitor, VisitorSession},
};

use super::prelude::*;
use crate::schema::{magic_links, visitor_sessions, visitors};

row! {
    VisitorRow in visitors {
        id: AsText<VisitorId>,
        email: AsText<Email>,
        created_at: AsInt<Timestamp>,
    }
    is Visitor { id, email, created_at }
}

row! {
    MagicLinkRow in magic_links {
        id: AsText<MagicLinkId>,
        token: AsBytes<TokenHash>,
        code_fingerprint: AsBytes<[u8; 32]>,
        email: AsText<Email>,
        return_to: Option<AsText<ReturnTo>>,
        attempts: AsInt<u32>,
        created_at: AsInt<Timestamp>,
        expires_at: AsInt<Timestamp>,
        used_at: Option<AsInt<Timestamp>>,
        asked_by: Option<AsBytes<TokenHash>>,
        confirmed_by: Option<AsBytes<TokenHash>>,
    }
    is MagicLink {
        id,
        token,
        code_fingerprint,
        email,
        return_to,
        attempts,
        created_at,
        expires_at,
        used_at,
        asked_by,
        confirmed_by,
    }
}

row! {
    VisitorSessionRow in visitor_sessions {
        id: AsText<VisitorSessionId>,
        token: AsBytes<TokenHash>,
        visitor_id: AsText<VisitorId>,
        created_at: AsInt<Timestamp>,
        expires_at: AsInt<Timestamp>,
        frontend: Option<AsText<FrontendOrigin>>,
        device: Option<AsText<Device>>,
    }
    is VisitorSession { id, token, visitor_id, created_at, expires_at, frontend, device }
}
